"""Use cases of vouchers: enter, claim, verify, match, issue, cancel.

The voucher's records and the shop's change in two transactions, one after the other. If the second
one fails, repeat the use case: the discount follows from the voucher's id, so it is made only once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

import attrs

from core.discount_code import PaymentType
from core.discounts.discount import RedemptionType, Source, UnknownCode
from core.discounts.selection import Selection
from core.discounts.window import EndAt
from core.errors import Refused
from core.identity import Actor, EmailAddress, Learner
from core.products.catalogue_rows import RowProblem
from core.products.product import Sku
from core.unit_of_work import Begin, repeated_on_conflict
from core.use_cases.discounts.bulk_discounts import reschedule_discounts
from core.use_cases.discounts.create_discount import CodeIsTaken, DiscountDraft, create_discount
from coursetill_vouchers.document import (
    Document,
    DocumentHasProblems,
    VouchersHaveProblems,
    read_document,
)
from coursetill_vouchers.matching import match_exactly, payable_by
from coursetill_vouchers.voucher import (
    EnteredAlready,
    NobodyToIssueTo,
    NoLongerValid,
    Voucher,
    VoucherCannotMove,
    VoucherId,
    VoucherRecords,
    VoucherSearch,
    VoucherState,
)

MOST_HELD = 5
"""The most claims of one learner that may wait for staff. It limits the guessing of numbers."""


@attrs.frozen
class Office:
    """The collaborators of the use cases: vouchers, the shop's records, the clock."""

    vouchers: VoucherRecords
    begin: Begin
    read: Begin
    now: Callable[[], datetime]


@attrs.frozen
class TooManyHeld(Refused):
    """The learner has MOST_HELD vouchers that wait for staff."""


@attrs.frozen
class UsedAlready(Refused):
    number: str


def enter(
    document: Document, voucher_id: VoucherId, *, by: Actor, why: str, office: Office
) -> Voucher:
    """Enter a voucher as staff, and match and issue it if possible.

    It goes to the address in the document, or to the one learner whose earlier claim agrees with
    it. Raises EnteredAlready.
    """
    [voucher] = enter_all([(voucher_id, document)], by=by, why=why, office=office)
    return voucher


def enter_all(
    documents: Sequence[tuple[VoucherId, Document]], *, by: Actor, why: str, office: Office
) -> tuple[Voucher, ...]:
    """Enter all vouchers or none, then match and issue where possible. Raises EnteredAlready."""
    with office.read() as work:
        matches = {doc.key: match_exactly(work, doc, office.now()) for _, doc in documents}
    entered = _entered(documents, matches, by=by, why=why, office=office)
    return tuple(_issued_if_ready(voucher, by=by, office=office) for voucher in entered)


@repeated_on_conflict
def _entered(
    documents: Sequence[tuple[VoucherId, Document]],
    matches: Mapping[str, Sku | None],
    *,
    by: Actor,
    why: str,
    office: Office,
) -> tuple[Voucher, ...]:
    now, entered = office.now(), []
    with office.vouchers.change() as vouchers:
        for voucher_id, document in documents:
            if vouchers.good(document.key) is not None:
                raise EnteredAlready(document.number, document.employer)
            voucher = Voucher.entered(voucher_id, document, at=now, by=by, why=why)
            claims = [c for c in vouchers.claims(document.key) if document.agrees_with(c.document)]
            if len(claims) == 1:
                [claim] = claims
                voucher = attrs.evolve(voucher, learner=claim.learner)
                over = claim.moved_to(
                    VoucherState.CANCELLED, at=now, by=by, why="staff entered the same voucher"
                )
                vouchers.save(over)
            entered.append(_matched(voucher, matches[document.key], at=now, by=by))
        vouchers.add(entered)
    return tuple(entered)


def read_documents(
    rows: Sequence[tuple[int, Mapping[str, str]]], *, office: Office
) -> tuple[Document, ...]:
    """Parse numbered rows. Raises VouchersHaveProblems with every invalid row."""
    problems: list[RowProblem] = []
    found: dict[str, Document] = {}
    with office.vouchers.read() as vouchers:
        for line, row in rows:
            try:
                document = read_document(row, line)
            except DocumentHasProblems as wrong:
                problems += wrong.problems
                continue
            if document.key in found:
                problems.append(RowProblem(line, "number", f"{document.number} stands here twice"))
            elif vouchers.good(document.key) is not None:
                taken = EnteredAlready(document.number, document.employer)
                problems.append(RowProblem(line, "number", taken))
            found[document.key] = document
    if problems:
        raise VouchersHaveProblems(tuple(problems))
    return tuple(found.values())


def claim(
    document: Document, voucher_id: VoucherId, learner: Learner, *, office: Office
) -> Voucher:
    """Enter a voucher as a learner.

    If staff entered the same document and it is for this learner, it is theirs at once. In every
    other case it is held for staff, so that a claim does not reveal existing vouchers. Raises
    TooManyHeld.
    """
    vouched = next((known for known in learner.known_as if isinstance(known, EmailAddress)), None)
    claimed = attrs.evolve(document, email=vouched)
    voucher = _claimed(claimed, voucher_id, learner, office=office)
    return _issued_if_ready(voucher, by=Actor.learner(learner.id), office=office)


@repeated_on_conflict
def _claimed(
    claimed: Document, voucher_id: VoucherId, learner: Learner, *, office: Office
) -> Voucher:
    with office.vouchers.change() as vouchers:
        good = vouchers.good(claimed.key)
        if good is not None and good.is_for(learner.id, claimed):
            if good.learner is None:
                vouchers.save(attrs.evolve(good, learner=learner.id))
                return vouchers.get(good.id)
            return good
        for held in vouchers.claims(claimed.key):
            if held.learner == learner.id:
                return held
        if vouchers.held_by(learner.id) >= MOST_HELD:
            raise TooManyHeld()
        by = Actor.learner(learner.id)
        voucher = Voucher.entered(voucher_id, claimed, at=office.now(), by=by)
        vouchers.add([voucher])
        return voucher


def verify(voucher_id: VoucherId, *, by: Actor, why: str, office: Office) -> Voucher:
    """Verify a learner's claim as staff, and match and issue it if possible.

    Raises UnknownVoucher, VoucherCannotMove or EnteredAlready.
    """
    with office.vouchers.read() as vouchers:
        document = vouchers.get(voucher_id).document
    with office.read() as work:
        sku = match_exactly(work, document, office.now())
    voucher = _verified(voucher_id, sku, by=by, why=why, office=office)
    return _issued_if_ready(voucher, by=by, office=office)


@repeated_on_conflict
def _verified(
    voucher_id: VoucherId, sku: Sku | None, *, by: Actor, why: str, office: Office
) -> Voucher:
    now = office.now()
    with office.vouchers.change() as vouchers:
        held = vouchers.get(voucher_id)
        verified = held.verified(at=now, by=by, why=why)
        if vouchers.good(held.document.key) is not None:
            raise EnteredAlready(held.document.number, held.document.employer)
        vouchers.save(_matched(verified, sku, at=now, by=by))
        return vouchers.get(voucher_id)


def match(voucher_id: VoucherId, sku: Sku, *, by: Actor, why: str, office: Office) -> Voucher:
    """Match a voucher with a course run, and issue it if its holder is known.

    Raises UnknownVoucher, UnknownProduct, NotForVouchers, AnotherCurrency or VoucherCannotMove.
    """
    with office.vouchers.read() as vouchers:
        document = vouchers.get(voucher_id).document
    with office.read() as work:
        payable_by(document, work.products.get(sku))
    voucher = _match(voucher_id, sku, by=by, why=why, office=office)
    return _issued_if_ready(voucher, by=by, office=office)


@repeated_on_conflict
def _match(voucher_id: VoucherId, sku: Sku, *, by: Actor, why: str, office: Office) -> Voucher:
    with office.vouchers.change() as vouchers:
        voucher = vouchers.get(voucher_id)
        vouchers.save(voucher.matched(sku, at=office.now(), by=by, why=why or "matched"))
        return vouchers.get(voucher_id)


def issue(voucher_id: VoucherId, *, by: Actor, office: Office) -> Voucher:
    """Issue a voucher as a single-use discount of its holder. An issued voucher is unchanged.

    Raises UnknownVoucher, VoucherCannotMove, NobodyToIssueTo or NoLongerValid.
    """
    with office.vouchers.read() as vouchers:
        voucher = vouchers.get(voucher_id)
    if voucher.state is VoucherState.ISSUED:
        return voucher
    if voucher.state is not VoucherState.MATCHED or voucher.sku is None:
        raise VoucherCannotMove(voucher.document.number, voucher.state, VoucherState.ISSUED)
    if not voucher.given_to_somebody:
        raise NobodyToIssueTo(voucher.document.number)
    if not voucher.valid_at(office.now()):
        raise NoLongerValid(voucher.document.number)
    _make_discount(voucher, voucher.sku, by=by, office=office)
    voucher = _issued(voucher_id, by=by, office=office)
    if voucher.over:  # It was cancelled while the discount was made.
        _end_discount(voucher, by=by, why="the voucher was cancelled", office=office)
        raise VoucherCannotMove(voucher.document.number, voucher.state, VoucherState.ISSUED)
    return voucher


def _make_discount(voucher: Voucher, sku: Sku, *, by: Actor, office: Office) -> None:
    document = voucher.document
    written = DiscountDraft(
        code=voucher.code.text,
        kind="dollars-off",
        amount=document.amount.plain,
        currency=document.amount.currency.code,
        source=Source.ASSIGNED,
        skus=(sku.text,),
        expires_at=document.valid_until,
        redemption_type=RedemptionType.ONE_TIME,
        payment_type=PaymentType.SALES,
        learners=(voucher.learner,) if voucher.learner else (),
        emails=(document.email.text,) if document.email else (),
    )
    why = f"voucher {document.number} of {document.employer}"
    try:
        create_discount(
            written, voucher.discount_id, by=by, why=why, begin=office.begin, now=office.now()
        )
    except CodeIsTaken:
        with office.read() as work:
            if work.discounts.get(voucher.code).discount.id != voucher.discount_id:
                raise


@repeated_on_conflict
def _issued(voucher_id: VoucherId, *, by: Actor, office: Office) -> Voucher:
    with office.vouchers.change() as vouchers:
        voucher = vouchers.get(voucher_id)
        if voucher.state is not VoucherState.MATCHED:
            return voucher
        why = f"became the discount {voucher.code}"
        vouchers.save(voucher.moved_to(VoucherState.ISSUED, at=office.now(), by=by, why=why))
        return vouchers.get(voucher_id)


def waiting(office: Office) -> tuple[Voucher, ...]:
    """Vouchers with a course run and a holder that are not issued yet."""
    with office.vouchers.read() as vouchers:
        matched = vouchers.search(VoucherSearch(state=VoucherState.MATCHED, limit=1000))
    ready = (voucher for voucher in matched if voucher.given_to_somebody)
    return tuple(voucher for voucher in ready if voucher.valid_at(office.now()))


def cancel(voucher_id: VoucherId, *, by: Actor, why: str, office: Office) -> Voucher:
    """Cancel a voucher, so that it can no longer be used.

    Raises UnknownVoucher, UsedAlready or VoucherCannotMove.
    """
    with office.vouchers.read() as vouchers:
        voucher = vouchers.get(voucher_id)
    if used(voucher, office):
        raise UsedAlready(voucher.document.number)
    voucher = _cancelled(voucher_id, by=by, why=why, office=office)
    _end_discount(voucher, by=by, why=why, office=office)
    return voucher


@repeated_on_conflict
def _cancelled(voucher_id: VoucherId, *, by: Actor, why: str, office: Office) -> Voucher:
    with office.vouchers.change() as vouchers:
        voucher = vouchers.get(voucher_id)
        vouchers.save(voucher.moved_to(VoucherState.CANCELLED, at=office.now(), by=by, why=why))
        return vouchers.get(voucher_id)


def _end_discount(voucher: Voucher, *, by: Actor, why: str, office: Office) -> None:
    now = office.now()
    with suppress(UnknownCode):
        reschedule_discounts(
            Selection(code=voucher.code), EndAt(now), by=by, why=why, begin=office.begin, now=now
        )


def used(voucher: Voucher, office: Office) -> bool:
    """Whether an order holds or has used the discount of the voucher."""
    return bool(uses([voucher], office))


def uses(vouchers: Sequence[Voucher], office: Office) -> frozenset[VoucherId]:
    """The vouchers among these that orders hold or have used."""
    codes = {voucher.code: voucher.id for voucher in vouchers if voucher.sku is not None}
    if not codes:
        return frozenset()
    with office.read() as work:
        found = work.discounts.among(codes.keys())
    return frozenset(codes[code] for code, offer in found.items() if offer.used)


def _matched(voucher: Voucher, sku: Sku | None, *, at: datetime, by: Actor) -> Voucher:
    if sku is None:
        return voucher
    return voucher.matched(sku, at=at, by=by, why="its course is sold once")


def _issued_if_ready(voucher: Voucher, *, by: Actor, office: Office) -> Voucher:
    ready = voucher.state is VoucherState.MATCHED and voucher.given_to_somebody
    if ready and voucher.valid_at(office.now()):
        return issue(voucher.id, by=by, office=office)
    return voucher
