"""Sentences about invalid input: amounts, codes, addresses, references."""

from __future__ import annotations

from core.audit_log import ReasonIsMissing
from core.discount_code import NotACode
from core.identity import NotAnEmailAddress
from core.money import Currency, Money, NotAnAmount, NotAPercentage, UnknownCurrency
from core.order_reference import NotATag
from entrypoints.wording.sentences import Entries, Wording, error


def _unknown_currency(unknown: UnknownCurrency, words: Wording) -> str:
    return words.say(
        '"{code}" is not a currency of this shop; it knows {currencies}',
        code=unknown.code,
        currencies=", ".join(currency.code for currency in Currency),
    )


def _not_an_amount(refused: NotAnAmount, words: Wording) -> str:
    return words.say(
        '"{text}" is not an amount of {currency}: '
        "write digits with at most {digits} decimals, such as {example}",
        text=refused.text,
        currency=refused.currency.code,
        digits=refused.currency.digits,
        example=Money(123456, refused.currency).plain,
    )


VALUES: Entries = (
    error(UnknownCurrency, "unknown-currency", _unknown_currency),
    error(NotAnAmount, "not-an-amount", _not_an_amount),
    error(
        NotAPercentage,
        "not-a-percentage",
        '"{text}" is not a percentage: '
        "write a number above 0 and up to 100, with at most two decimals",
    ),
    error(
        NotACode,
        "not-a-code",
        '"{text:.60}" is not a code: a code is 1 to 50 characters without spaces, slashes, ? and #',
    ),
    error(
        NotAnEmailAddress,
        "not-an-email-address",
        '"{text:.60}" is not an e-mail address: write it like ada@example.org',
    ),
    error(
        NotATag,
        "not-a-tag",
        '"{text}" cannot start references: use 1 to 12 capital letters and digits',
    ),
    error(ReasonIsMissing, "reason-is-missing", "Say why: the reason is kept with what is changed"),
)
