"""Sentences about discounts: the saving, why one does not apply, and refused changes."""

from __future__ import annotations

from core.discounts.discount import (
    AidIsNeverTyped,
    CodeHasExpired,
    CodesWereTaken,
    DiscountExists,
    KindIsUnknown,
    NotForTheseProducts,
    NotUsable,
    NotUsableYet,
    TakesNothingOff,
    UnknownCode,
    UsedByYou,
    UsedUp,
)
from core.discounts.kinds.dollars_off import DollarsOff, NothingOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.personal_offers import PricingUnavailable
from core.discounts.redemption import UsedByThisOrder
from core.discounts.saving import UnknownSaving
from core.discounts.selection import LONGEST_BATCH, NotABatch, Selection, SelectOneWay
from core.discounts.window import EndAt, ExtendUntil, WindowIsEmpty
from core.use_cases.discounts.bulk_discounts import (
    MOST_ASSIGNED,
    BatchIsTaken,
    NotAllAssigned,
    NothingSelected,
    OverAlready,
    TooFewCodes,
    TooMuchToAssign,
)
from core.use_cases.discounts.create_discount import (
    CodeIsTaken,
    NobodyToAssign,
    UnknownCourse,
    UnknownKind,
)
from core.use_cases.discounts.diagnose_code import HoldsUntil
from core.use_cases.discounts.import_discounts import DiscountsHaveProblems
from entrypoints.wording.products import import_problems
from entrypoints.wording.sentences import Entries, Wording, error, phrase


def _selection(selection: Selection, words: Wording) -> str:
    if selection.code is not None:
        return words.say("the code {code}", code=selection.code)
    if selection.prefix:
        return words.say("codes that begin with {prefix}", prefix=selection.prefix)
    return words.say('batch "{batch}"', batch=selection.batch)


def _unknown_saving(saving: UnknownSaving, words: Wording) -> str:
    template = "{kind} {amount}, a kind that this shop does not have"
    if saving.currency is not None:
        template = "{kind} {amount} {currency}, a kind that this shop does not have"
    currency = saving.currency and saving.currency.code
    return words.say(template, kind=saving.kind, amount=saving.written, currency=currency)


def _not_a_batch(refused: NotABatch, words: Wording) -> str:
    return words.say(
        '"{text:.60}" cannot name a batch: use 1 to {most} characters',
        text=refused.text,
        most=LONGEST_BATCH,
    )


def _unknown_kind(refused: UnknownKind, words: Wording) -> str:
    return words.say(
        '"{kind}" is not a kind of discount; there are {kinds}',
        kind=refused.kind,
        kinds=", ".join(refused.known),
    )


def _not_all_assigned(refused: NotAllAssigned, words: Wording) -> str:
    return words.counted(
        refused.others,
        "Only an assigned discount has learners, and {count:,} of {selection} "
        "is typed or automatic. Nothing was assigned",
        "Only an assigned discount has learners, and {count:,} of {selection} "
        "are typed or automatic. Nothing was assigned",
        selection=refused.selection,
    )


def _too_much_to_assign(refused: TooMuchToAssign, words: Wording) -> str:
    return words.say(
        "That would assign {pairs:,} times, and at most {most:,} go at once. "
        "Select fewer discounts or fewer learners",
        pairs=refused.pairs,
        most=MOST_ASSIGNED,
    )


def _used_by_this_order(refused: UsedByThisOrder, words: Wording) -> str:
    return words.counted(
        len(refused.codes),
        "{reference} has used the code {codes} already",
        "{reference} has used one of the codes {codes} already",
        reference=refused.reference,
        codes=", ".join(code.text for code in refused.codes),
    )


USE: Entries = (
    error(UnknownCode, "unknown-code", 'There is no code "{code}". Check the spelling'),
    error(NotUsable, "not-usable", 'The code "{code}" cannot be used'),
    error(NotUsableYet, "not-usable-yet", 'The code "{code}" can be used from {activates_at}'),
    error(CodeHasExpired, "code-has-expired", 'The code "{code}" expired on {expired_at}'),
    error(
        KindIsUnknown,
        "kind-is-unknown",
        'The code "{code}" is of the kind {kind}, which this shop does not have',
    ),
    error(UsedUp, "used-up", 'The code "{code}" is used up'),
    error(UsedByYou, "used-by-you", 'You have used the code "{code}" as often as it allows'),
    error(UsedByThisOrder, "used-by-this-order", _used_by_this_order),
    error(
        NotForTheseProducts,
        "not-for-these-products",
        'The code "{code}" is not for the products in your basket',
    ),
    error(
        TakesNothingOff,
        "takes-nothing-off",
        'The code "{code}" takes nothing off the products in your basket',
    ),
    error(
        PricingUnavailable,
        "pricing-unavailable",
        "Your price cannot be worked out at the moment. "
        "Nothing was ordered or charged. Please try again in a few minutes",
    ),
    phrase(PercentOff, "{percent} off"),
    phrase(DollarsOff, "{amount} off"),
    phrase(FixedPrice, "price {price}"),
    phrase(HoldsUntil, "it holds until {ends_at}"),
    phrase(UnknownSaving, _unknown_saving),
)

CHANGES: Entries = (
    error(
        AidIsNeverTyped,
        "aid-is-never-typed",
        'The discount "{code}" is financial assistance, which is never typed: '
        "make it assigned or automatic",
    ),
    error(NothingOff, "nothing-off", "A dollars-off discount takes more than nothing off"),
    error(
        WindowIsEmpty,
        "window-is-empty",
        "A discount that starts on {activates_at} cannot expire on {expires_at}: "
        "an end comes after its start",
    ),
    phrase(ExtendUntil, "extended until {until}"),
    phrase(EndAt, "ended {at}"),
    phrase(Selection, _selection),
    error(NotABatch, "not-a-batch", _not_a_batch),
    error(
        SelectOneWay,
        "select-one-way",
        "Say which discounts in one way: by a code, by how codes begin, or by a batch",
    ),
    error(UnknownKind, "unknown-kind", _unknown_kind),
    error(CodeIsTaken, "code-is-taken", "There is a discount {code} already. Choose another code"),
    error(DiscountExists, "discount-exists", "There is a code {code} already"),
    error(CodesWereTaken, "codes-were-taken", "One of these codes was taken meanwhile"),
    error(UnknownCourse, "unknown-course", 'There is no course "{course}" in the catalogue'),
    error(
        NobodyToAssign,
        "nobody-to-assign",
        "Only an assigned discount has learners, and it needs at least one",
    ),
    error(
        BatchIsTaken,
        "batch-is-taken",
        'There is a batch "{batch}" already. Choose another name',
    ),
    error(
        TooFewCodes,
        "too-few-codes",
        "There are not {wanted:,} such codes that are free. Make them longer",
    ),
    error(NothingSelected, "nothing-selected", "There are no discounts: {selection}"),
    error(
        OverAlready,
        "over-already",
        "{until} is over. To end discounts now, expire them",
    ),
    error(NotAllAssigned, "not-all-assigned", _not_all_assigned),
    error(TooMuchToAssign, "too-much-to-assign", _too_much_to_assign),
    error(DiscountsHaveProblems, "discounts-have-problems", import_problems),
)

DISCOUNTS: Entries = (*USE, *CHANGES)
