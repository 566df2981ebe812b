"""The sentences of financial aid: one for each of its errors."""

from __future__ import annotations

from core.discounts.kinds import KINDS
from coursetill_financial_aid.countries import NeitherYesNorNo, NotACountry
from coursetill_financial_aid.decide_request import ApplicationHasProblems, LeftEmpty, NoConsent
from coursetill_financial_aid.edit_tables import NotATable, TableHasProblems
from coursetill_financial_aid.incomes import NoRate, NotACurrency, NotAnIncome, NotARate
from coursetill_financial_aid.request import AskedAlready, RequestCannotMove, UnknownAidRequest
from coursetill_financial_aid.tiers import (
    FULL,
    LONGEST_NAME,
    NotATier,
    NotATierSet,
    NotATierSetName,
    UnknownTierSet,
)
from entrypoints.wording.sentences import Entries, Wording, error


def _not_a_tier(refused: NotATier, words: Wording) -> str:
    return words.say(
        '"{text:.60}" is not a tier: write INCOME:PERCENT%, INCOME:{full} or INCOME:KIND:AMOUNT '
        "with a kind of {kinds}, such as 25000:50%",
        text=refused.text,
        full=FULL,
        kinds=", ".join(sorted(KINDS)),
    )


def _not_a_tier_set_name(refused: NotATierSetName, words: Wording) -> str:
    return words.say(
        '"{text:.40}" cannot name a set of tiers: write letters, digits and hyphens, '
        "at most {most}, such as DEDP",
        text=refused.text,
        most=LONGEST_NAME,
    )


_ASKED = {
    "income": "Tell what your household earns in a year, 0 if that is nothing",
    "country": "Choose the country where you live",
}


def _left_empty(refused: LeftEmpty, words: Wording) -> str:
    return words.say(_ASKED[refused.field])


def _application(refused: ApplicationHasProblems, words: Wording) -> str:
    return ". ".join(words.sentence(problem) for problem in refused.problems.values())


def _table(refused: TableHasProblems, words: Wording) -> str:
    return words.counted(
        len(refused.problems),
        "Nothing was imported: {count} problem\n{problems}",
        "Nothing was imported: {count} problems\n{problems}",
        problems="\n".join(f"  {words.sentence(problem)}" for problem in refused.problems),
    )


ENTRIES: Entries = (
    error(
        NotACountry,
        "not-a-country",
        '"{text:.20}" is not a country: write its two letters, such as IN',
    ),
    error(NeitherYesNorNo, "neither-yes-nor-no", '"{text:.20}" is neither yes nor no'),
    error(
        NotAnIncome,
        "not-an-income",
        '"{text:.40}" is not a yearly income: '
        "write it in whole units of its currency, such as 25000",
    ),
    error(
        NotACurrency,
        "not-a-currency",
        '"{text:.20}" is not a currency: write its three letters, such as INR',
    ),
    error(
        NotARate,
        "not-a-rate",
        '"{text:.20}" is not a rate: write how much one US dollar is worth, '
        "at least 0.001, with at most six decimals, such as 88.25",
    ),
    error(
        NoRate,
        "no-rate",
        "We have no rate for {currency}. Tell the income in US dollars, USD",
    ),
    error(NotATier, "not-a-tier", _not_a_tier),
    error(NotATierSet, "not-a-tier-set", "These tiers do not make sense together: {why}"),
    error(NotATierSetName, "not-a-tier-set-name", _not_a_tier_set_name),
    error(
        UnknownTierSet,
        "unknown-tier-set",
        'There is no financial assistance called "{name:.40}"',
    ),
    error(
        RequestCannotMove,
        "request-cannot-move",
        "Request {subject} cannot become {wanted}: it is {state}",
    ),
    error(UnknownAidRequest, "unknown-aid-request", "There is no request {request:.40}"),
    error(
        AskedAlready,
        "asked-already",
        "You have asked for financial assistance for {title} already",
    ),
    error(
        NoConsent,
        "no-consent",
        "We can only go on if you confirm that what you tell us is true",
    ),
    error(LeftEmpty, "left-empty", _left_empty),
    error(ApplicationHasProblems, "application-has-problems", _application),
    error(NotATable, "not-a-table", "This file cannot be imported: {why}"),
    error(TableHasProblems, "table-has-problems", _table),
)
