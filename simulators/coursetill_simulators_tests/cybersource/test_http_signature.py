"""HTTP Signature: the official vectors, each refusal, and its end date."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest
import requests

from coursetill_simulators.cybersource import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.authentication.calls import IncomingCall, NotAuthentic
from coursetill_simulators.cybersource.authentication.gatekeeper import Gatekeeper
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators_tests.cybersource.merchant import Merchant, payment_request

VECTORS = Path(__file__).parents[3] / "tests" / "vectors" / "cybersource"
OFFICIAL = json.loads((VECTORS / "rest_auth.json").read_text())
CASES = [case for case in OFFICIAL["cases"] if case["name"].startswith("http_signature/")]
PATH = "/pts/v2/payments"
BODY = json.dumps(payment_request()).encode()


def official_call(case: dict[str, Any], **changed: str) -> IncomingCall:
    return IncomingCall(
        method=case["method"],
        target=case["target"],
        host=case["headers"]["Host"],
        body=(case["body"] or "").encode(),
        moment=datetime.fromtimestamp(OFFICIAL["frozen_time"], UTC),
        headers={**case["headers"], **changed},
    )


def official_gatekeeper() -> Gatekeeper:
    settings = SimulatorSettings(
        merchant_id=OFFICIAL["merchant_id"],
        shared_keys={OFFICIAL["hs_key_id"]: OFFICIAL["hs_secret_base64"]},
    )
    return Gatekeeper(Switchboard(settings))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_official_clients_signature_is_accepted(case: dict[str, Any]) -> None:
    assert not official_gatekeeper().let_in(official_call(case)).may_encrypt


def test_the_vendors_worked_example_is_accepted() -> None:
    """Signed by two versions of the official client, with a nested path."""
    body = (
        '{"clientReferenceInformation": {"code": "shop-2-refund-1", "transactionId": "r-0001"}, '
        '"orderInformation": {"amountDetails": {"totalAmount": "4.50", "currency": "USD"}}}'
    )
    key_id = "11111111-2222-3333-4444-555555555555"
    call = IncomingCall(
        method="POST",
        target="/pts/v2/payments/7637450000006999904011/refunds",
        host="apitest.cybersource.com",
        body=body.encode(),
        moment=datetime(2026, 11, 22, 6, 0, tzinfo=UTC),
        headers={
            "Date": "Sun, 22 Nov 2026 06:00:00 GMT",
            "Digest": "SHA-256=M1MNTpcMVxQ+XDkf4ya3d+yToO5mnR+dgl2Ng+pFUvw=",
            "v-c-merchant-id": "sim_merchant",
            "Signature": f'keyid="{key_id}", algorithm="HmacSHA256", '
            'headers="host date request-target digest v-c-merchant-id", '
            'signature="GGnVZ0biM0fm3Ari5KiQKNizco+mFlszFPdP+XJjM20="',
        },
    )
    secret = base64.b64encode(b"loopback-shared-secret-32-bytes!").decode()
    settings = SimulatorSettings(merchant_id="sim_merchant", shared_keys={key_id: secret})
    assert not Gatekeeper(Switchboard(settings)).let_in(call).may_encrypt


def test_the_vendors_example_with_another_body_is_refused() -> None:
    call = attrs.evolve(official_call(CASES[0]), body=b"{}")
    with pytest.raises(NotAuthentic, match="digest"):
        official_gatekeeper().let_in(call)


@attrs.define(kw_only=True)
class Signer:
    """Signs a call by HTTP Signature, with the requested mistakes."""

    merchant: Merchant
    names: str = "host date request-target digest v-c-merchant-id"
    algorithm: str = "HmacSHA256"
    key_id: str = DEMO_KEY_ID
    merchant_id: str = DEMO_MERCHANT_ID
    seconds_off: int = 0
    digest_of: bytes = BODY
    dates: tuple[str, ...] = ("date",)
    signature: str | None = None
    date_text: str | None = None

    def headers(self) -> dict[str, str]:
        moment = datetime.fromtimestamp(self.merchant.clock().timestamp() + self.seconds_off, UTC)
        digest = base64.b64encode(hashlib.sha256(self.digest_of).digest()).decode()
        values = {
            "host": urlsplit(self.merchant.url).netloc,
            **dict.fromkeys(self.dates, self.date_text or format_datetime(moment, usegmt=True)),
            "request-target": f"post {PATH}",
            "(request-target)": f"post {PATH}",
            "digest": f"SHA-256={digest}",
            "v-c-merchant-id": self.merchant_id,
        }
        text = "\n".join(f"{name}: {values[name]}" for name in self.names.split())
        right = hmac.digest(base64.b64decode(DEMO_SECRET), text.encode(), "sha256")
        signature = self.signature or base64.b64encode(right).decode()
        values["Signature"] = (
            f'keyid="{self.key_id}", algorithm="{self.algorithm}", headers="{self.names}", '
            f'signature="{signature}"'
        )
        return {
            name: value for name, value in values.items() if "target" not in name and name != "host"
        }

    def sends(self) -> requests.Response:
        return requests.post(
            self.merchant.url + PATH, data=BODY, headers=self.headers(), timeout=10
        )


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"names": "host v-c-date request-target digest v-c-merchant-id", "dates": ("v-c-date",)},
        {"names": "v-c-merchant-id digest request-target host date"},
        {"seconds_off": 60},
        {"seconds_off": -60},
    ],
    ids=["as documented", "v-c-date", "another order", "a minute ahead", "a minute behind"],
)
def test_a_call_with_an_http_signature_pays(merchant: Merchant, changed: dict[str, Any]) -> None:
    assert Signer(merchant=merchant, **changed).sends().status_code == 201
    assert len(merchant.ledger()["payments"]) == 1


WRONG: dict[str, dict[str, Any]] = {
    "the old parentheses": {"names": "host date (request-target) digest v-c-merchant-id"},
    "the target not signed": {"names": "host date digest v-c-merchant-id"},
    "the host not signed": {"names": "date request-target digest v-c-merchant-id"},
    "the digest not signed": {"names": "host date request-target v-c-merchant-id"},
    "the merchant not signed": {"names": "host date request-target digest"},
    "no time signed": {"names": "host request-target digest v-c-merchant-id"},
    "another algorithm": {"algorithm": "HmacMD5"},
    "an unknown key": {"key_id": "11111111-1111-4111-8111-111111111111"},
    "another merchant": {"merchant_id": "somebody_else"},
    "61 seconds ahead": {"seconds_off": 61},
    "61 seconds behind": {"seconds_off": -61},
    "the digest of another body": {"digest_of": b"{}"},
    "another signature": {"signature": base64.b64encode(bytes(32)).decode()},
    "a date without its zone": {"date_text": "Sun, 22 Nov 2026 12:00:00 -0000"},
    "a date in words, signed": {"date_text": "noon"},
    "a signature that is none": {"signature": "nonsense"},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
def test_a_wrong_signature_is_401_and_charges_nothing(
    merchant: Merchant, changed: dict[str, Any]
) -> None:
    reply = Signer(merchant=merchant, **changed).sends()
    assert (reply.status_code, reply.json()) == (
        401,
        {"response": {"rmsg": "Authentication Failed"}},
    )
    assert merchant.ledger()["payments"] == []


SPOILT: dict[str, Callable[[dict[str, str]], object]] = {
    "no date at all": lambda headers: headers.pop("date"),
    "a date in words": lambda headers: headers.update(date="yesterday"),
    "another path's signature": lambda headers: headers.update(
        Signature=headers["Signature"].replace("sig", "sgi")
    ),
    "an unreadable header": lambda headers: headers.update(Signature="nothing here"),
    "a part named twice": lambda headers: headers.update(
        Signature=headers["Signature"] + ', keyid="x"'
    ),
    "an empty header": lambda headers: headers.update(Signature=""),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_headers_changed_after_signing_are_refused(
    merchant: Merchant, spoil: Callable[[dict[str, str]], object]
) -> None:
    headers = Signer(merchant=merchant).headers()
    spoil(headers)
    reply = requests.post(merchant.url + PATH, data=BODY, headers=headers, timeout=10)
    assert reply.status_code == 401


def test_the_obsolete_request_target_format_is_refused_by_name(merchant: Merchant) -> None:
    names = "host date request-target (request-target) digest v-c-merchant-id"
    assert Signer(merchant=merchant, names=names).sends().status_code == 401
    assert "parentheses" in merchant.ledger()["turned_away"][0]


def test_after_the_sunset_only_jwt_is_accepted(
    merchant: Merchant,
) -> None:
    assert merchant.commands("switches", http_signature_ended=True).status_code == 200
    assert Signer(merchant=merchant).sends().status_code == 401
    assert "switched off" in merchant.ledger()["turned_away"][0]
    assert merchant.pays().status_code == 201

    merchant.commands("switches", http_signature_ended=False)
    assert Signer(merchant=merchant).sends().status_code == 201


def test_a_reset_undoes_the_sunset(merchant: Merchant) -> None:
    merchant.commands("switches", http_signature_ended=True)
    merchant.commands("reset")
    assert Signer(merchant=merchant).sends().status_code == 201


@pytest.mark.parametrize(
    "told",
    [
        {"merchant_id": "another"},
        {"http_signature_ended": "perhaps"},
        {"http_signature_ended": 1},
        {"index_lag_seconds": "long"},
        {"index_lag_seconds": True},
        {"mle_mandatory": 3},
        {"mle_mandatory": [3]},
    ],
)
def test_an_unknown_or_impossible_switch_is_refused(
    merchant: Merchant, told: dict[str, object]
) -> None:
    before = merchant.ledger()["switches"]
    assert merchant.commands("switches", **told).status_code == 400
    assert merchant.ledger()["switches"] == before


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ({"index_lag_seconds": "7.5"}, {"index_lag_seconds": 7.5}),
        ({"clock_skew_seconds": 10}, {"clock_skew_seconds": 10}),
        ({"mle_mandatory": "payments refunds"}, {"mle_mandatory": ["payments", "refunds"]}),
        ({"amount_triggers": "off"}, {"amount_triggers": False}),
    ],
)
def test_a_switch_can_be_set_by_json_or_form(
    merchant: Merchant, told: dict[str, object], stands: dict[str, object]
) -> None:
    assert merchant.commands("switches", **told).status_code == 200
    assert merchant.ledger()["switches"].items() >= stands.items()
