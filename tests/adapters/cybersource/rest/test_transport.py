"""The conclusion from each reply, and its log line."""

import base64
import hashlib
import json
import logging
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwt_authentication import SharedSecret
from adapters.cybersource.rest.jwts import content_of
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import HttpClient, Lost, NotSent, Timeouts
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import Stub, free_port, http

CALL = ApiCall(
    operation="charge", ours="A-1", path="/pts/v2/payments", body={"token": "hush-token"}
)


def transport(url: str, clock: Callable[[], datetime] | None = None) -> Transport:
    told = settings(url, timeouts=Timeouts(connect=2, read=0.3))
    (key,) = told.signing_keys
    shared = SharedSecret(told.merchant_id, told.key_id, key.content, new_id=lambda: "jti-1")
    return Transport(told, shared, HttpClient(told.timeouts), now=clock or Clock(START))


def asked(*pieces: bytes) -> JsonFields:
    with Stub(*pieces) as stub:
        return transport(stub.url).ask(CALL)


def test_a_successful_reply_is_parsed():
    assert asked(http("201 Created", b'{"status": "AUTHORIZED"}')).text("status") == "AUTHORIZED"


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http("502 Bad Gateway", b"<html>502</html>"), id="502-html"),
        pytest.param(http("502 Bad Gateway", b'{"reason": "SERVER_TIMEOUT"}'), id="502-json"),
        pytest.param(http("500 Oh", b""), id="500"),
        pytest.param(http("503 Busy", b"{}"), id="503"),
        pytest.param(http("408 Late", b"{}"), id="408"),
        pytest.param(http("201 Created", b'{"status": "AUTHO'), id="201-truncated"),
        pytest.param(http("201 Created", b"<html>Welcome</html>"), id="201-html"),
        pytest.param(http("201 Created", b'["AUTHORIZED"]'), id="201-no-object"),
        pytest.param(http("201 Created", b""), id="201-empty"),
        pytest.param(http("201 Created", b"\xff\xfe{}"), id="201-no-utf-8"),
        pytest.param(http("201 Created", b"[" * 100_000), id="201-nested"),
        pytest.param(http("400 Bad", b"<html>Bad request</html>"), id="400-unreadable"),
        pytest.param(http("303 See other", b"{}", "Location: /elsewhere\r\n"), id="303"),
        pytest.param(http("204 Nothing", b""), id="204"),
        pytest.param(b"HTTP/1.1 201 Crea", id="cut-in-the-status"),
        pytest.param(b"HTTP/1.1 201 Created\r\nContent-Le", id="cut-in-the-headers"),
        pytest.param(b"", id="hung-up"),
    ],
)
def test_an_inconclusive_reply_leaves_the_result_unknown(reply):
    with pytest.raises(Lost):
        asked(reply)


def test_a_failed_connection_means_nothing_was_carried_out():
    with pytest.raises(NotSent):
        transport(f"http://127.0.0.1:{free_port()}").ask(CALL)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 413, 415, 429])
def test_a_server_that_refused_to_start_carried_nothing_out(status):
    with pytest.raises(ApiRefusal) as refusal:
        asked(http(f"{status} No", b"<html>no</html>"))
    assert refusal.value.status == status


def test_a_refused_request_carries_its_reason():
    body = {
        "status": "INVALID_REQUEST",
        "reason": "MISSING_FIELD",
        "message": "Declined - The request is missing one or more fields",
        "details": [{"field": "orderInformation.billTo", "reason": "MISSING_FIELD"}],
    }
    with pytest.raises(ApiRefusal) as refusal:
        asked(http("400 Bad", json.dumps(body).encode()))
    assert refusal.value.reason == "MISSING_FIELD"
    assert "orderInformation.billTo MISSING_FIELD" in refusal.value.message


def test_the_reason_of_a_refusal_is_truncated():
    with pytest.raises(ApiRefusal) as refusal:
        asked(http("400 Bad", json.dumps({"message": "x" * 5000}).encode()))
    assert len(refusal.value.message) == 300


def test_the_token_signs_the_sent_bytes():
    with Stub(http("201 Created", b"{}")) as stub:
        transport(stub.url).ask(CALL)
    head, _, body = stub.requests[0].partition(b"\r\n\r\n")
    found = re.search(rb"(?i)authorization: Bearer (\S+)", head)
    assert found
    claims = content_of(found[1].decode())
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert claims.text("digest") == digest
    assert claims.text("request-host") == stub.url.removeprefix("http://")
    assert claims.text("request-resource-path") == "/pts/v2/payments"


def test_the_clock_is_read_once_per_request():
    readings = []

    def clock():
        readings.append(START)
        return START

    with Stub(http("201 Created", b"{}")) as stub:
        transport(stub.url, clock).ask(CALL)
    assert len(readings) == 1


def test_a_public_call_is_not_signed():
    with Stub(http("200 OK", b"{}")) as stub:
        call = ApiCall(
            operation="public-key", ours="A-1", path="/flex/v2/public-keys/zu", signed=False
        )
        transport(stub.url).ask(call)
    assert b"authorization" not in stub.requests[0].lower()


def test_each_call_logs_one_line_with_both_ids(caplog):
    headers = "v-c-correlation-id: 0d1e-22\r\n"
    with caplog.at_level(logging.INFO, "coursetill"):
        asked(http("201 Created", b'{"status": "AUTHORIZED"}', headers))
    (line,) = [record.getMessage() for record in caplog.records if "coursetill" in record.name]
    assert re.fullmatch(
        r'operation=charge ours=A-1 theirs=0d1e-22 ms=\d+ outcome="201 AUTHORIZED"', line
    )


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (http("502 Bad", b"<html>"), '"unknown: HTTP 502"'),
        (http("401 No", b'{"response": {"rmsg": "no"}}'), '"refused: 401"'),
        (http("400 Bad", b'{"reason": "INVALID_DATA"}'), '"refused: 400 INVALID_DATA"'),
    ],
)
def test_a_failed_call_is_logged_as_a_warning(reply, outcome, caplog):
    with caplog.at_level(logging.INFO, "coursetill"), pytest.raises((Lost, ApiRefusal)):
        asked(reply)
    (record,) = [record for record in caplog.records if "coursetill" in record.name]
    assert record.levelno == logging.WARNING
    assert record.getMessage().endswith(f"outcome={outcome}")


def test_a_reply_cannot_forge_a_log_line(caplog):
    body = json.dumps({"status": "AUTHORIZED\noperation=charge ours=A-2"}).encode()
    headers = "v-c-correlation-id: 1 outcome=forged\r\n"
    with caplog.at_level(logging.INFO, "coursetill"):
        asked(http("201 Created", body, headers))
    (line,) = [record.getMessage() for record in caplog.records if "coursetill" in record.name]
    assert "forged" not in line
    assert "A-2" not in line
    assert "theirs=- " in line


def test_no_log_line_holds_a_token_or_secret(caplog):
    with caplog.at_level(logging.DEBUG), Stub(http("201 Created", b'{"id": "7"}')) as stub:
        told = transport(stub.url)
        told.ask(CALL)
    written = caplog.text + repr(told) + repr(CALL)
    assert "hush" not in written
    assert "Bearer" not in written
    assert "d29ydGhsZXNz" not in written
