"""
Checks of the signed form that a shop's page posts to /pay.

A form that is not authentic gets a 403 page and no notification. Invalid data gets ERROR 102.
Assumed: the allowed difference of the signed time (`SimulatorSettings.hosted_skew_seconds`), and
that every field must be listed as signed or as unsigned.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import attrs

from coursetill_simulators.cybersource.profiles import Profile
from coursetill_simulators.cybersource.secure_acceptance.signatures import verifies
from coursetill_simulators.cybersource.wire_format.amounts import amount_in

SIGNED = (
    "access_key",
    "amount",
    "currency",
    "locale",
    "profile_id",
    "reference_number",
    "signed_date_time",
    "signed_field_names",
    "transaction_type",
    "transaction_uuid",
)
TRANSACTION_TYPES = frozenset(
    {
        "authorization",
        "sale",
        "authorization,create_payment_token",
        "sale,create_payment_token",
        "authorization,update_payment_token",
        "sale,update_payment_token",
    }
)
_LISTS = frozenset({"signature", "signed_field_names", "unsigned_field_names"})
_PUNCTUATION = frozenset(" !\"#$%&'()*+,-./:;=?@^_~")
_AMOUNT = r"\d{1,12}(\.\d{1,3})?"
_YES_OR_NO = r"true|false"
# Lengths and kinds from the guide's table. A field that is not here is text of its length.
_SHAPES = {
    "amount": _AMOUNT,
    "tax_amount": _AMOUNT,
    "currency": r"[A-Za-z]{3}",
    "locale": r"[a-z-]{2,5}",
    "customer_ip_address": r"\d{1,3}(\.\d{1,3}){3}",
    "line_item_count": r"\d{1,3}",
    "payment_token": r"[A-Za-z0-9]{1,26}",
    "payment_method": r"card|echeck|paypal|visacheckout",
    "bill_to_address_country": r"[A-Za-z]{2}",
    "ship_to_address_country": r"[A-Za-z]{2}",
    "bill_to_phone": r"[( ),+\-.*#xX0-9]{6,15}",
    "ignore_avs": _YES_OR_NO,
    "ignore_cvn": _YES_OR_NO,
    "skip_decision_manager": _YES_OR_NO,
}
_LENGTHS = {
    "transaction_uuid": 50,
    "reference_number": 50,
    "consumer_id": 100,
    "bill_to_forename": 60,
    "bill_to_surname": 60,
    "bill_to_email": 255,
    "bill_to_address_line1": 60,
    "bill_to_address_line2": 60,
    "bill_to_address_city": 50,
    "bill_to_address_state": 20,
    "bill_to_address_postal_code": 10,
}
_ADDRESSES = (
    "override_custom_receipt_page",
    "override_custom_cancel_page",
    "override_backoffice_post_url",
)
_ITEM = re.compile(r"item_(\d{1,3})_(code|name|sku|quantity|unit_price|tax_amount)", re.ASCII)
_MERCHANT_FIELD = re.compile(r"merchant_(defined|secure)_data\d{1,3}", re.ASCII)


@attrs.frozen
class NotAuthorised(Exception):
    """A form that is answered with 403. `why` shows only on the control page, not to the buyer."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen
class FormSigner:
    """The signer of a form, and the secret that signs its replies."""

    profile: Profile
    secret: str = attrs.field(repr=False)


def signer_of(
    pairs: list[tuple[str, str]], profiles: tuple[Profile, ...], *, now: datetime, skew: float
) -> FormSigner:
    """The signer of the form. Raises NotAuthorised unless it is in `profiles`, and in time."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NotAuthorised("a parameter comes twice")
    signer = _known(fields, profiles)
    signed = fields.get("signed_field_names", "").split(",")
    unsigned = [name for name in fields.get("unsigned_field_names", "").split(",") if name]
    missing = [name for name in SIGNED if name not in signed or not fields.get(name)]
    if missing or "unsigned_field_names" not in fields:
        raise NotAuthorised(f"not signed: {', '.join(missing) or 'unsigned_field_names'}")
    unlisted = sorted(fields.keys() - set(signed) - set(unsigned) - _LISTS)
    if unlisted:
        raise NotAuthorised(f"neither signed nor listed as unsigned: {', '.join(unlisted)}")
    if not verifies(fields, signer.secret):
        raise NotAuthorised("the signature is wrong")
    _check_time(fields["signed_date_time"], now, skew)
    return signer


def invalid_fields(fields: Mapping[str, str]) -> list[str]:
    """The names of invalid fields, in the order of the form."""
    wrong = {name for name, value in fields.items() if not _fits(name, value)}
    if fields["transaction_type"] not in TRANSACTION_TYPES:
        wrong.add("transaction_type")
    if "@" in fields.get("consumer_id", ""):
        wrong.add("consumer_id")
    wrong.update(name for name in _ADDRESSES if not _is_address(fields.get(name, "")))
    if not wrong:
        wrong.update(_wrong_items(fields))
    return [name for name in fields if name in wrong]


def required_fields(fields: Mapping[str, str]) -> list[str]:
    """The names of required item fields that are missing."""
    if "line_item_count" not in fields:
        return ["line_item_count"] if any(_ITEM.fullmatch(name) for name in fields) else []
    if not fields["line_item_count"].isdigit():
        return []
    return [
        name
        for number in range(int(fields["line_item_count"]))
        for name in _needed(fields, number)
        if not fields.get(name)
    ]


def _known(fields: Mapping[str, str], profiles: tuple[Profile, ...]) -> FormSigner:
    access_key = fields.get("access_key", "")
    for profile in profiles:
        if profile.id == fields.get("profile_id") and access_key in profile.keys:
            return FormSigner(profile, profile.keys[access_key])
    raise NotAuthorised("the profile and its access key are not known")


def _check_time(text: str, now: datetime, skew: float) -> None:
    try:
        signed_at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as unreadable:
        raise NotAuthorised(f"{text!r} is not a moment in UTC") from unreadable
    if abs(now - signed_at) > timedelta(seconds=skew):
        raise NotAuthorised(f"it was signed at {text}, and it is {now:%Y-%m-%dT%H:%M:%SZ}")


def _fits(name: str, value: str) -> bool:
    if name in _LISTS or value == "":
        return True
    item = _ITEM.fullmatch(name)
    if item and item[2] in ("unit_price", "tax_amount"):
        return re.fullmatch(_AMOUNT, value, re.ASCII) is not None
    if item and item[2] == "quantity":
        return re.fullmatch(r"\d{1,10}", value, re.ASCII) is not None
    if name in _SHAPES:
        return re.fullmatch(_SHAPES[name], value, re.ASCII) is not None
    longest = 100 if _MERCHANT_FIELD.fullmatch(name) else _LENGTHS.get(name, 255)
    if name == "merchant_secure_data4":
        longest = 2000
    return len(value) <= longest and all(
        letter.isalnum() or letter in _PUNCTUATION for letter in value
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return url == "" or (parts.scheme in ("http", "https") and bool(parts.hostname))


def _needed(fields: Mapping[str, str], number: int) -> Iterator[str]:
    yield f"item_{number}_unit_price"
    if fields.get(f"item_{number}_code", "default") not in ("default", "shipping", "handling"):
        yield f"item_{number}_name"
        yield f"item_{number}_sku"
        yield f"item_{number}_quantity"


def _wrong_items(fields: Mapping[str, str]) -> Iterator[str]:
    """`amount` if it is not the sum of the items and their taxes."""
    count = int(fields.get("line_item_count") or 0)
    if count == 0 or required_fields(fields):
        return
    total = Decimal(0)
    for number in range(count):
        price = amount_in(fields[f"item_{number}_unit_price"]) or Decimal(0)
        tax = amount_in(fields.get(f"item_{number}_tax_amount") or "0") or Decimal(0)
        total += price * int(fields.get(f"item_{number}_quantity") or 1) + tax
    if total != Decimal(fields["amount"]):
        yield "amount"
