"""A town whose learners pay on the gateway's own page, and the page itself as a test plays it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from adapters.cybersource.secure_acceptance.form import SecureAcceptanceKey, signature_of
from core.payments.account import GatewayAccount
from core.payments.attempt import AttemptId
from core.payments.gateway import Answer
from coursetill_testing.town import Person, Town, settings
from coursetill_testing.web_pages import Page
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.settings.gateways.secure_acceptance import RETURN

PAGE = "http://127.0.0.1:9300"
PROFILE = "00000000-0000-4000-8000-00000000D3A0"
KEY = SecureAcceptanceKey(access_key="0" * 32, secret="worthless-secret-of-the-tests")
OLD_KEY = SecureAcceptanceKey(access_key="1" * 32, secret="worthless-secret-of-another-key")

HOSTED = {
    "PAY_AT": "hosted-page",
    "SECURE_ACCEPTANCE_URL": PAGE,
    "SECURE_ACCEPTANCE_PROFILE_ID": PROFILE,
    "SECURE_ACCEPTANCE_KEYS": " ".join(f"{k.access_key}:{k.secret}" for k in (KEY, OLD_KEY)),
    "CYBERSOURCE_URL": "http://127.0.0.1:9300",
    "CYBERSOURCE_MERCHANT_ID": "simulated_merchant",
    "CYBERSOURCE_KEY_ID": "00000000-0000-4000-8000-000000000000",
    "CYBERSOURCE_SHARED_SECRET": "d29ydGhsZXNzLXNlY3JldC1vZi10aGUtdGVzdHM=",
    "CYBERSOURCE_SIMULATOR": "yes",
}

ACCOUNT = GatewayAccount("cybersource", HOSTED["CYBERSOURCE_MERCHANT_ID"], "simulator")
"""The account that these settings name."""

Post = Mapping[str, str]


def hosted_town(**different: str) -> Town:
    told = settings(**{**HOSTED, **different})
    pages = open_pages(setup_in(told), told.shop_url)
    assert pages is not None
    town = Town(told, pages=pages)
    town.gateway.account = ACCOUNT
    return town


def signed(post: Post, secret: str = KEY.secret) -> dict[str, str]:
    """The post with every field of it signed."""
    names = [name for name in post if name not in ("signature", "signed_field_names")]
    whole = {**post, "signed_field_names": ",".join([*names, "signed_field_names"])}
    return whole | {"signature": signature_of(whole, secret)}


@attrs.define
class PlayedPage:
    """The gateway's page: the form that led there, and what it says of it."""

    form: Post
    moment: str = "2026-11-22T09:31:00Z"

    def reply(self, decision: str, code: str = "", number: int = 1, **more: str) -> dict[str, str]:
        """What the page says, signed; the transaction has that number."""
        echoed = {f"req_{name}": text for name, text in self.form.items() if name != "signature"}
        told = {**echoed, "decision": decision, "signed_date_time": self.moment}
        if decision != "CANCEL":
            told |= {"reason_code": code, "transaction_id": f"{7000 + number:022}"}
        if decision == "ACCEPT":
            told |= {"auth_amount": self.form["amount"], "req_card_number": "xxxxxxxxxxxx1111"}
            told |= {"req_card_type": "001"}
        told |= more
        return signed({name: text for name, text in told.items() if text != "left out"})


@attrs.define
class Away(PlayedPage):
    """A learner of this town on the gateway's page."""

    town: Town = attrs.field(kw_only=True)

    @property
    def attempt(self) -> str:
        return self.form["transaction_uuid"]

    def knows(self, answer: Answer) -> None:
        """The gateway can be asked about it from now on."""
        with self.town.records.read() as work:
            attempt = work.attempts.get(AttemptId(self.attempt))
        self.town.gateway.ends_elsewhere(attempt, answer)


def goes_there(ada: Person, reference: str) -> Away:
    """Ask for the way to the gateway's page, and take it."""
    ada.visit(f"/orders/{reference}/pay")
    ada.town.clock.advance(seconds=1)
    ada.press(f"/orders/{reference}/attempts")
    assert ada.page.location == f"/orders/{reference}/pay#go"
    page = ada.follow()
    return Away(page.form(f"{PAGE}/pay").fields, town=ada.town)


def bring(person: Person, post: Post | bytes, to: str = RETURN) -> Page:
    """Post this to the shop from another site: without cookies, and without a token of ours."""
    body = post if isinstance(post, bytes) else urlencode(post).encode()
    stranger = person.town.app.test_client()
    response = stranger.post(
        to,
        base_url=person.base,
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"Origin": PAGE, "Sec-Fetch-Site": "cross-site"},
    )
    response.get_data()
    assert "Set-Cookie" not in response.headers
    return Page(response)
