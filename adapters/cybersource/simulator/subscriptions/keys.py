"""POST /kms/egress/v2/keys-sym: the key that webhooks are signed with. A new one overrides it."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response

from adapters.cybersource.simulator.webhooks.book import SignatureKey
from adapters.cybersource.simulator.wire import answer, require_authentication, sent
from adapters.cybersource.simulator.words.moments import written
from adapters.cybersource.simulator.words.refusals import wrong
from adapters.cybersource.simulator.workings import here

webhook_keys = Blueprint("webhook_keys", __name__)
webhook_keys.before_request(require_authentication)


@webhook_keys.post("/kms/egress/v2/keys-sym")
def make_key() -> Response:
    """A new signature key, told this once: 201."""
    workings, body = here(), sent()
    if body.text("clientRequestAction") != "CREATE":
        raise wrong("clientRequestAction")
    if body.text("keyInformation.keyType") != "sharedSecret":
        raise wrong("keyInformation.keyType")
    if body.text("keyInformation.organizationId") != workings.settings.merchant_id:
        raise wrong("keyInformation.organizationId")
    key = SignatureKey.made(str(uuid4()), workings.now())
    workings.webhooks.book.use_key(key)
    told: dict[str, Any] = {
        "submitTimeUtc": written(workings.now()),
        "status": "SUCCESS",
        "keyInformation": {
            "provider": body.optional_text("keyInformation.provider") or "nrtd",
            "tenant": body.optional_text("keyInformation.tenant") or "",
            "organizationId": workings.settings.merchant_id,
            "clientKeyId": body.optional_text("keyInformation.clientKeyId"),
            "keyId": key.id,
            "key": key.secret,
            "keyType": "sharedSecret",
            "status": "active",
            "expirationDate": written(key.expires_at),
        },
    }
    return answer(told)
