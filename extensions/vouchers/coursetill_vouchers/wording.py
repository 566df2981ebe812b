"""The sentences of vouchers: one for each of their errors."""

from __future__ import annotations

from coursetill_vouchers.document import (
    LONGEST,
    DocumentHasProblems,
    Missing,
    NotADay,
    NotANumber,
    NothingToPayWith,
    TooLong,
    VouchersHaveProblems,
)
from coursetill_vouchers.matching import InAnotherCurrency, NotForVouchers
from coursetill_vouchers.redeem_voucher import MOST_HELD, TooManyHeld, UsedAlready
from coursetill_vouchers.voucher import (
    EnteredAlready,
    NobodyToIssueTo,
    NoLongerValid,
    SeveralVouchers,
    UnknownVoucher,
    VoucherCannotMove,
)
from coursetill_vouchers.voucher_file import NotAVoucherFile
from entrypoints.wording.sentences import Entries, Wording, error


def _too_long(refused: TooLong, words: Wording) -> str:
    return words.say(
        "Shorten {what}: it has more than {most} characters", what=refused.what, most=LONGEST
    )


def _document(refused: DocumentHasProblems, words: Wording) -> str:
    return ". ".join(words.sentence(problem.why) for problem in refused.problems)


def _file(refused: VouchersHaveProblems, words: Wording) -> str:
    return words.counted(
        len(refused.problems),
        "Nothing was entered: {count} problem\n{problems}",
        "Nothing was entered: {count} problems\n{problems}",
        problems="\n".join(f"  {words.sentence(problem)}" for problem in refused.problems),
    )


def _several(refused: SeveralVouchers, words: Wording) -> str:
    return words.say(
        "Several vouchers have the number {number}. Name one: {ids}",
        number=refused.number,
        ids=", ".join(refused.ids),
    )


def _another_currency(refused: InAnotherCurrency, words: Wording) -> str:
    return words.say(
        "The voucher is in {voucher_in}, and {title} is sold in {sold_in}",
        voucher_in=refused.amount.currency.code,
        title=refused.title,
        sold_in=refused.price.currency.code,
    )


def _too_many(_: TooManyHeld, words: Wording) -> str:
    return words.say(
        "{most} of your vouchers are waiting to be checked. "
        "Enter the next one once we have answered",
        most=MOST_HELD,
    )


ENTRIES: Entries = (
    error(
        NotANumber,
        "not-a-number",
        '"{text:.60}" is not the number of a voucher: '
        "it has 3 to 40 letters and digits, with dots, dashes and slashes between them",
    ),
    error(Missing, "missing", "Fill in {what}"),
    error(TooLong, "too-long", _too_long),
    error(
        NothingToPayWith,
        "nothing-to-pay-with",
        "The amount of a voucher is more than nothing",
    ),
    error(NotADay, "not-a-day", '"{text:.60}" is not a day: write it like 2027-06-30'),
    error(DocumentHasProblems, "document-has-problems", _document),
    error(VouchersHaveProblems, "vouchers-have-problems", _file),
    error(NotAVoucherFile, "not-a-voucher-file", "This is no file of vouchers: {why}"),
    error(
        VoucherCannotMove,
        "voucher-cannot-move",
        "Voucher {subject} cannot become {wanted}: it is {state}",
    ),
    error(UnknownVoucher, "unknown-voucher", "There is no voucher {number}"),
    error(
        EnteredAlready,
        "entered-already",
        "Voucher {number} of {employer} was entered already",
    ),
    error(SeveralVouchers, "several-vouchers", _several),
    error(
        NobodyToIssueTo,
        "nobody-to-issue-to",
        "Nobody is known to give voucher {number} to: it names no e-mail address, "
        "and no learner has entered it yet",
    ),
    error(NoLongerValid, "no-longer-valid", "Voucher {number} is no longer valid"),
    error(
        NotForVouchers,
        "not-for-vouchers",
        "{title} is a program; a voucher pays for a course run",
    ),
    error(InAnotherCurrency, "in-another-currency", _another_currency),
    error(TooManyHeld, "too-many-held", _too_many),
    error(
        UsedAlready,
        "used-already",
        "Voucher {number} was used in an order. Refund that order, and then cancel it, "
        "if that is what you want",
    ),
)
