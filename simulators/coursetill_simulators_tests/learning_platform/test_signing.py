"""The platform accepts only recent messages with a valid signature."""

import pytest

from coursetill_simulators.learning_platform.signing import is_genuine, key_of
from coursetill_simulators_tests.learning_platform.events import AT, signature_headers


def headers_for(body: bytes, **changed: str) -> dict[str, str]:
    right = signature_headers("e-1", body, key=b"key")
    return right | {name.replace("_", "-"): value for name, value in changed.items()}


def test_the_worked_example_of_standard_webhooks_verifies():
    # The example of the specification's own libraries.
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = AT.fromtimestamp(1_614_265_330, AT.tzinfo)
    assert is_genuine(headers, b'{"test": 2432232314}', key=key, at=at)


def test_a_secret_that_is_not_base64_is_refused():
    with pytest.raises(ValueError, match=r"base64|ascii|ASCII"):
        key_of("whsec_not base64!")


def test_one_valid_signature_among_several_verifies():
    body = b'{"id": "e-1"}'
    assert is_genuine(headers_for(body), body, key=b"key", at=AT)
    two = f"v1,AAAA {headers_for(body)['webhook-signature']}"
    assert is_genuine(headers_for(body, webhook_signature=two), body, key=b"key", at=AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook_id": "e-2"},
        {"webhook_id": ""},
        {"webhook_timestamp": str(int(AT.timestamp()) + 1)},
        {"webhook_timestamp": "noon"},
        {"webhook_timestamp": "²"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,é"},
    ],
)
def test_a_changed_message_does_not_verify(changed):
    body = b'{"id": "e-1"}'
    assert not is_genuine(headers_for(body, **changed), body, key=b"key", at=AT)


def test_an_old_message_does_not_verify_with_a_valid_signature():
    body = b"{}"
    old = signature_headers("e-1", body, key=b"key")
    assert is_genuine(old, body, key=b"key", at=AT.replace(minute=5))
    assert not is_genuine(old, body, key=b"key", at=AT.replace(minute=5, second=1))


def test_another_body_or_key_does_not_verify():
    headers = headers_for(b"{}")
    assert not is_genuine(headers, b"{ }", key=b"key", at=AT)
    assert not is_genuine(headers, b"{}", key=b"Key", at=AT)
