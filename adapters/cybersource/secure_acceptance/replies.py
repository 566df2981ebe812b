"""Verifies what Secure Acceptance posts back, by the browser or directly, and reads it."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import attrs

from adapters.cybersource.payments.status_codes import (
    HELD,
    REASON_CODES,
    StatusMeaning,
    card_of,
    decline_sentence,
)
from adapters.cybersource.secure_acceptance.form import (
    TRANSACTION_TYPE,
    SecureAcceptanceKey,
    SecureAcceptanceSettings,
    signature_of,
)
from adapters.cybersource.webhooks.message_keys import MessageForm, key_of
from core.money import Currency, Money, NotAnAmount, UnknownCurrency
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
)
from core.payments.notice import About, Notice, NoticeRefused

_log = logging.getLogger("coursetill.cybersource")

LARGEST_BYTES = 200_000
MOST_FIELDS = 1_000

ALWAYS = frozenset(
    {
        *("decision", "req_access_key", "req_profile_id", "req_transaction_uuid"),
        *("req_transaction_type", "req_reference_number", "signed_date_time"),
        "signed_field_names",
    }
)
"""Names that `signed_field_names` of every genuine reply contains."""

_AMOUNTS = frozenset({"req_amount", "req_currency"})
_RESULT = frozenset({"transaction_id", "reason_code"})
REQUIRED: Mapping[str, frozenset[str]] = {
    "ACCEPT": ALWAYS | _AMOUNTS | _RESULT | {"auth_amount"},
    "REVIEW": ALWAYS | _AMOUNTS | _RESULT,
    "DECLINE": ALWAYS | _AMOUNTS | _RESULT,
    "CANCEL": ALWAYS | _AMOUNTS,
    # The refusal of a repetition (104) may have no amount.
    "ERROR": ALWAYS,
}
"""The decisions, and the field names that must be signed with each."""

DECISIONS: Mapping[tuple[str, str], StatusMeaning] = {
    ("ACCEPT", "110"): StatusMeaning.PART,
    ("ACCEPT", ""): StatusMeaning.TAKEN,
    ("REVIEW", ""): StatusMeaning.HELD,
    ("DECLINE", ""): StatusMeaning.DECLINED,
}
"""The meaning of a decision with a reason code, or with any other code ("").

CyberSource may add codes at any time: with an unknown code the decision alone counts. ERROR is not
listed: it is unclear, because the payment may have been processed.
"""

_NEVER_PROCESSED = frozenset({"101", "102"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_GATEWAY_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_STORED = ("transaction_id", "decision", "reason_code", "auth_code", "auth_response", "auth_time")


@attrs.frozen(kw_only=True)
class SentForm:
    """The request of the shop, stored before the form is shown and compared with each reply."""

    transaction_uuid: str
    reference: str
    amount: Money
    account: GatewayAccount

    @classmethod
    def of(cls, attempt: Attempt) -> SentForm:
        return cls(
            transaction_uuid=attempt.id,
            reference=attempt.reference,
            amount=attempt.amount,
            account=attempt.account,
        )


@attrs.frozen
class SecureAcceptanceReply:
    """A reply with a valid signature: only its signed fields."""

    fields: Mapping[str, str] = attrs.field(repr=False)

    @property
    def decision(self) -> str:
        return self.fields["decision"]

    @property
    def transaction_uuid(self) -> str:
        """The id of the attempt."""
        return self.fields["req_transaction_uuid"]

    def amount(self, name: str) -> Money | None:
        """An amount in the requested currency; None if it is not an amount."""
        try:
            currency = Currency.of(self.fields.get("req_currency", "").upper())
            return Money.of(self.fields.get(name, ""), currency)
        except (NotAnAmount, UnknownCurrency):
            return None


@attrs.frozen
class ReplyReader:
    """Accepts replies that a key of the profile signed, for payments that the shop requested."""

    _settings: SecureAcceptanceSettings

    def verified(self, body: bytes) -> SecureAcceptanceReply:
        """Verify a posted form and return its signed fields. Raises NoticeRefused."""
        fields = _parsed(body)
        names = fields.get("signed_field_names", "").split(",")
        if len(set(names)) != len(names) or not fields.keys() >= set(names):
            raise NoticeRefused("it names signed fields that are not there, or twice")
        key = self._signed_by(fields)
        reply = SecureAcceptanceReply({name: fields[name] for name in names})
        required = REQUIRED.get(reply.fields.get("decision", ""))
        if required is None:
            raise NoticeRefused("it has no signed decision that is known")
        missing = sorted(required - reply.fields.keys())
        if missing:
            raise NoticeRefused(f"it does not sign {', '.join(missing)}")
        if reply.fields["req_access_key"] != key.access_key:
            raise NoticeRefused("it is signed with the secret of another access key")
        return reply

    def notice(self, reply: SecureAcceptanceReply, sent: SentForm, now: datetime) -> Notice:
        """The notice in a verified reply to the form `sent`. Raises NoticeRefused."""
        self._check(reply, sent)
        at = _moment(reply.fields["signed_date_time"])
        gateway_id = reply.fields.get("transaction_id", "")
        return Notice(
            key=key_of(sent.transaction_uuid, reply.decision, gateway_id),
            about=About.PAYMENT,
            code=sent.reference,
            attempt=sent.transaction_uuid,
            answer=_answer(reply, sent),
            at=at,
            heard_at=now,
            form=MessageForm.FIELDS,
            event=f"{reply.decision} {_plain(reply.fields.get('reason_code', ''), 10)}".strip(),
            raw=_stored_fields(reply),
            account=self._settings.account,
        )

    def _signed_by(self, fields: Mapping[str, str]) -> SecureAcceptanceKey:
        signature = fields.get("signature", "").encode()
        for key in self._settings.keys:
            if hmac.compare_digest(signature_of(fields, key.secret).encode(), signature):
                return key
        raise NoticeRefused("its signature is wrong")

    def _check(self, reply: SecureAcceptanceReply, sent: SentForm) -> None:
        fields = reply.fields
        expected = {
            "profile": (fields["req_profile_id"], self._settings.profile_id),
            "transaction": (fields["req_transaction_uuid"], sent.transaction_uuid),
            "kind": (fields["req_transaction_type"], TRANSACTION_TYPE),
            "reference": (fields["req_reference_number"], sent.reference),
        }
        wrong = [name for name, (theirs, ours) in expected.items() if theirs != ours]
        if sent.account != self._settings.account:
            wrong.append("account")
        if fields.keys() >= _AMOUNTS and reply.amount("req_amount") != sent.amount:
            wrong.append("amount")
        if reply.decision in ("ACCEPT", "REVIEW", "DECLINE") and not _GATEWAY_ID.fullmatch(
            fields["transaction_id"]
        ):
            wrong.append("transaction id")
        if wrong:
            _log.error("operation=reply ours=%s outcome=another payment", sent.transaction_uuid)
            raise NoticeRefused(f"it is for another payment: {', '.join(wrong)}")


def _answer(reply: SecureAcceptanceReply, sent: SentForm) -> Answer | None:
    """The outcome in a reply, or None if an enquiry is needed."""
    code = reply.fields.get("reason_code", "")
    gateway_id = reply.fields.get("transaction_id", "")
    if reply.decision == "CANCEL":
        return Cancelled()
    if reply.decision == "ERROR" and code in _NEVER_PROCESSED:
        return NotCarriedOut(f"the payment service refused the payment form (code {code})")
    meaning = DECISIONS.get((reply.decision, code)) or DECISIONS.get((reply.decision, ""))
    if meaning is StatusMeaning.TAKEN and reply.amount("auth_amount") == sent.amount:
        number = reply.fields.get("req_card_number", "")
        card = card_of(reply.fields.get("req_card_type", ""), number[-4:])
        return Captured(gateway_id, sent.amount, card, _stored_fields(reply))
    if meaning is StatusMeaning.HELD:
        return InReview(gateway_id, HELD)
    if meaning is StatusMeaning.DECLINED:
        # A code may mean a review elsewhere: take only its reason, not its meaning.
        reason = REASON_CODES.get(code, (StatusMeaning.DECLINED, "GENERAL_DECLINE"))[1]
        return Declined(decline_sentence(reason)[0], gateway_id)
    return None


def _stored_fields(reply: SecureAcceptanceReply) -> dict[str, str]:
    """The fields of a reply that may be stored."""
    return {name: _plain(reply.fields[name], 100) for name in _STORED if reply.fields.get(name)}


def _plain(text: str, longest: int) -> str:
    """Printable text on one line, cut to a length."""
    return "".join(letter for letter in text if letter.isprintable())[:longest]


def _parsed(body: bytes) -> dict[str, str]:
    """The fields of a posted form, each present once. Raises NoticeRefused."""
    if len(body) > LARGEST_BYTES:
        raise NoticeRefused("it is too long")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise NoticeRefused("it is no form in UTF-8") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise NoticeRefused("a field is there twice")
    if "signed_field_names" not in fields or "signature" not in fields:
        raise NoticeRefused("it is not signed")
    return fields


def _moment(text: str) -> datetime:
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError(text)
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise NoticeRefused("it does not say when it was signed") from None
