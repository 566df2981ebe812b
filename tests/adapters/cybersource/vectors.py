"""The official vectors: what the vendor's own client makes of worthless keys and a still clock."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.cybersource.rest.jwt_authentication import Unsigned
from adapters.cybersource.rest.keys import P12Key, SharedKey
from adapters.cybersource.rest.settings import CyberSourceSettings

FOLDER = Path(__file__).parents[2] / "vectors" / "cybersource"
REST: dict[str, Any] = json.loads((FOLDER / "rest_auth.json").read_text())
SECURE_ACCEPTANCE: dict[str, Any] = json.loads((FOLDER / "secure_acceptance.json").read_text())
FROZEN = datetime.fromtimestamp(REST["frozen_time"], UTC)

MERCHANT_ID: str = REST["merchant_id"]
P12_PASSWORD = (FOLDER / "p12_password.txt").read_text().strip()
OWN_P12 = P12Key(content=(FOLDER / "sim_merchant_001.p12").read_bytes(), password=P12_PASSWORD)
OWN_SHARED = SharedKey(key_id=REST["hs_key_id"], secret=REST["hs_secret_base64"])
REPLY_KEY_ID = "7700000000000000000009"
REPLY_KEY = (FOLDER / "response_mle_private.pem").read_bytes()
CYBERSOURCE_CERTIFICATE = (FOLDER / "sjc_mle_request_cert.pem").read_bytes()
CYBERSOURCE_KEY = (FOLDER / "sjc_mle_request_private.pem").read_bytes()


def cases(kind: str) -> list[Any]:
    """The cases of one family, by name."""
    return [
        pytest.param(case, id=case["name"])
        for case in REST["cases"]
        if case["name"].startswith(kind)
    ]


def unsigned(case: dict[str, Any], reply_key: str | None = None) -> Unsigned:
    body = case["body"].encode() if case["body"] is not None else None
    return Unsigned(case["method"], REST["host"], case["target"], body, reply_key=reply_key)


def official_settings(**changed: Any) -> CyberSourceSettings:
    """The account that the vectors were made for."""
    usual: dict[str, Any] = {
        "url": f"https://{REST['host']}",
        "merchant_id": MERCHANT_ID,
        "keys": (OWN_SHARED,),
        "target_origins": ("https://shop.example.org",),
    }
    return CyberSourceSettings(**usual | changed)


def another_secret() -> str:
    return base64.b64encode(b"another-worthless-secret").decode()
