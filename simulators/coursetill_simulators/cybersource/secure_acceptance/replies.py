"""
The signed result of a payment on the page. Browser and server get the same content, each with its
own signature and time.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_bytes, token_urlsafe
from urllib.parse import urlencode

from coursetill_simulators.cybersource.faults.message_faults import MessageFault, MessageFaultKind
from coursetill_simulators.cybersource.secure_acceptance.decisions import Decision, Verdict
from coursetill_simulators.cybersource.secure_acceptance.signatures import signature_of
from coursetill_simulators.cybersource.state.ledger import LedgerEntry
from coursetill_simulators.cybersource.state.outcomes import Share
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard
from coursetill_simulators.cybersource.wire_format.moments import written

Fields = dict[str, str]

# The order seen in real replies; other fields follow in the order of the request.
_FIRST = (
    "access_key",
    "profile_id",
    "transaction_uuid",
    "transaction_type",
    "reference_number",
    "amount",
    "tax_amount",
    "currency",
    "line_item_count",
    "locale",
    "payment_method",
    "override_custom_receipt_page",
    "override_custom_cancel_page",
    "override_backoffice_post_url",
    "consumer_id",
)
_NOT_ECHOED = frozenset(
    {"signature", "signed_field_names", "unsigned_field_names", "signed_date_time"}
)
_CARD_FIELD = re.compile(r"card_(number|cvn|expiry_date|type)")


def cancelled(request: Mapping[str, str]) -> Fields:
    """The result after Cancel: no transaction and no reason code."""
    return {
        "decision": Decision.CANCEL.value,
        **_echo(request),
        "message": "The consumer cancelled the transaction",
    }


def invalid(verdict: Verdict, request: Mapping[str, str], wrong: Mapping[str, str]) -> Fields:
    """The result of an invalid request. `wrong` contains the field names."""
    return {
        "decision": verdict.decision.value,
        **_echo(request),
        "message": verdict.message,
        "reason_code": verdict.code,
        **wrong,
    }


def repeated(verdict: Verdict, request: Mapping[str, str], *, with_amount: bool) -> Fields:
    """The result of a transaction_uuid that was used minutes ago. It may have no amount."""
    echo = _echo(request)
    if not with_amount:
        echo.pop("req_amount", None)
    return {
        "decision": verdict.decision.value,
        **echo,
        "message": verdict.message,
        "reason_code": verdict.code,
    }


def result(
    verdict: Verdict, request: Mapping[str, str], payment: LedgerEntry, *, card: PaymentCard
) -> Fields:
    """The result of a tried payment."""
    moment = payment.submitted_at.strftime("%Y-%m-%dT%H%M%SZ")
    network = card.network
    fields = {
        "transaction_id": payment.id,
        "decision": verdict.decision.value,
        **_echo(request),
        "req_payment_method": "card",
        "req_card_number": f"{'x' * (len(card.number) - 4)}{card.last_four}",
        "req_card_type": network.code if network else "",
        "req_card_expiry_date": f"{card.expiry_month}-{card.expiry_year}",
        "card_type_name": network.name.title() if network else "",
        "message": verdict.message,
        "reason_code": verdict.code,
    }
    if verdict.decision is Decision.ERROR:
        return fields
    approved = payment.outcome.share is not Share.NONE
    fields |= {
        "auth_avs_code": "N" if verdict.code == "200" else "X",
        "auth_avs_code_raw": "I1",
        "auth_response": "100" if approved else payment.outcome.response_code.zfill(3),
        "auth_amount": sent_as(payment.approved) if approved else "",
        "auth_code": "888888" if approved else "",
        "auth_cv_result": "N" if verdict.code == "230" else "M",
        "auth_trans_ref_no": payment.id[-16:],
        "auth_time": moment,
        "request_token": token_urlsafe(24),
        "bill_trans_ref_no": payment.id[-16:],
    }
    if "create_payment_token" in request["transaction_type"] and approved:
        fields["payment_token"] = payment.id
    return fields


def posted(
    fields: Fields, secret: str, *, now: datetime, message_fault: MessageFault | None
) -> Fields:
    """The fields with field list, time and signature, and with `message_fault` applied."""
    kind = message_fault.kind if message_fault else None
    skew = message_fault.seconds if message_fault and kind is MessageFaultKind.CLOCK_SKEW else 0.0
    names = [*fields, "signed_field_names", "signed_date_time"]
    if kind is MessageFaultKind.UNSIGNED_DECISION:
        names.remove("decision")
    complete = {
        **fields,
        "signed_field_names": ",".join(names),
        "signed_date_time": written(now + timedelta(seconds=skew)),
    }
    key = token_bytes(16).hex() if kind is MessageFaultKind.WRONG_SIGNATURE else secret
    return {**complete, "signature": signature_of(complete, key), "utf8": "✓"}


def pairs_of(fields: Fields, message_fault: MessageFault | None) -> list[tuple[str, str]]:
    """The fields as form pairs; with the fault, one of them twice."""
    pairs = list(fields.items())
    if message_fault and message_fault.kind is MessageFaultKind.REPEATED_FIELD:
        pairs.append(("decision", Decision.ACCEPT.value))
    return pairs


def encoded(pairs: list[tuple[str, str]], message_fault: MessageFault | None) -> bytes:
    """The body of a form post."""
    latin = message_fault is not None and message_fault.kind is MessageFaultKind.LATIN_1
    encoding = "latin-1" if latin else "utf-8"
    return urlencode(pairs, encoding=encoding, errors="replace").encode("ascii")


def _echo(request: Mapping[str, str]) -> Fields:
    named = [name for name in _FIRST if name in request]
    others = [
        name
        for name in request
        if name not in _FIRST and name not in _NOT_ECHOED and not _CARD_FIELD.fullmatch(name)
    ]
    return {f"req_{name}": request[name] for name in [*named, *others]}
