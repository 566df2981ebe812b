"""A shop whose buyers pay on Secure Acceptance's hosted page."""

import html
import re
from urllib.parse import parse_qsl

import attrs
import requests

from coursetill_simulators.cybersource import DEMO_ACCESS_KEY, DEMO_PROFILE_ID, DEMO_PROFILE_SECRET
from coursetill_simulators.cybersource.secure_acceptance.signatures import signature_of
from coursetill_simulators.testing.forms import hidden_fields
from coursetill_simulators.testing.merchant_server import MerchantServer
from coursetill_simulators_tests.cybersource.merchant import VISA, Merchant

DECLINED = "4000000000002040"
Fields = dict[str, str]


def signed(fields: Fields, *, names: list[str] | None = None) -> Fields:
    listed = names or [*fields, "signed_field_names", "unsigned_field_names"]
    complete = {"unsigned_field_names": "", **fields, "signed_field_names": ",".join(listed)}
    return {**complete, "signature": signature_of(complete, DEMO_PROFILE_SECRET)}


@attrs.define
class HostedShop:
    """A shop that sends its buyers to the hosted page."""

    merchant: Merchant
    receiver: MerchantServer

    def fields(self, **changed: str) -> Fields:
        fields = {
            "access_key": DEMO_ACCESS_KEY,
            "profile_id": DEMO_PROFILE_ID,
            "transaction_uuid": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
            "signed_date_time": self.merchant.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "locale": "en-us",
            "transaction_type": "sale",
            "reference_number": "ORDER-42",
            "amount": "247.50",
            "currency": "USD",
            "override_custom_receipt_page": "http://127.0.0.1:5000/receipt",
            "override_custom_cancel_page": "http://127.0.0.1:5000/cancel",
            "override_backoffice_post_url": f"{self.receiver.url}/hooks",
            **changed,
        }
        return {name: value for name, value in fields.items() if value != "left out"}

    def posts(self, fields: Fields) -> requests.Response:
        url = f"{self.merchant.url}/pay"
        return requests.post(url, data=fields, timeout=10, allow_redirects=False)

    def opens(self, **changed: str) -> str:
        """The address of a page that was opened."""
        reply = self.posts(signed(self.fields(**changed)))
        assert reply.status_code == 303, reply.text
        return self.merchant.url + reply.headers["Location"]

    def pays(self, page: str, number: str = VISA, **typed: str) -> requests.Response:
        form = {
            "card_number": number,
            "card_expiry_date": "12/31",
            "card_cvn": "123",
            "bill_to_forename": "Ada",
            "bill_to_surname": "Lovelace",
            "bill_to_address_postal_code": "02139",
            **typed,
        }
        return requests.post(page, data=form, timeout=10)

    def round(self) -> int:
        return self.merchant.commands("webhooks/rounds").json()["sent"]

    def told(self) -> list[Fields]:
        """The decoded posts that the merchant's server received."""
        return [
            dict(parse_qsl(each.body.decode(), keep_blank_values=True))
            for each in self.receiver.webhooks()
        ]


def returned(reply: requests.Response) -> Fields:
    """The fields that the browser posts back to the shop."""
    return dict(hidden_fields(reply))


def address_of(reply: requests.Response) -> str:
    (found,) = re.findall(r'id="return" method="post" action="([^"]*)"', reply.text)
    return html.unescape(found)
