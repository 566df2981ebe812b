"""
The part of the search language that the simulator understands.

`field:value` or `field:"value"`, joined by AND and OR, of which AND binds closer; there are no
parentheses. In quotes, a backslash keeps the next character
as it is. `submitTimeUtc` takes a range: `[` and `]` include the end, `{` and `}` leave it out;
an end is `*`, epoch milliseconds or NOW, perhaps rounded (NOW/DAY) and shifted (NOW/DAY-7DAYS).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from adapters.cybersource.simulator.books.ledger import Entry
from adapters.cybersource.simulator.words.refusals import wrong

Test = Callable[[Entry], bool]

_TERM = re.compile(
    r'\s*(?P<field>[A-Za-z.]+):(?:"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<range>[\[{][^\]}]*[\]}])|(?P<bare>[^\s\"()]+))(?:\s+(?P<joint>AND|OR)\s+(?=\S)|\s*$)"
)
_NOW = re.compile(r"NOW(?P<day>/DAY)?(?:(?P<shift>[+-]\d{1,4})(?P<unit>DAY|HOUR|MINUTE)S?)?")
_FIELDS: dict[str, Callable[[Entry], str]] = {
    "id": lambda entry: entry.id,
    "reconciliationId": lambda entry: entry.id,
    "clientReferenceInformation.code": lambda entry: entry.code,
}
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def query_test(query: str, merchant_id: str, now: datetime) -> Test:
    """A test for entries, from `query`. Raises Refusal where it is not understood."""
    either: list[list[Test]] = [[]]
    place = 0
    while place < len(query) or not either[-1]:
        term = _TERM.match(query, place)
        if term is None:
            raise wrong("query")
        either[-1].append(_test(term, merchant_id, now))
        if term["joint"] == "OR":
            either.append([])
        place = term.end()
    return lambda entry: any(all(test(entry) for test in each) for each in either)


def _test(term: re.Match[str], merchant_id: str, now: datetime) -> Test:
    field, span = term["field"], term["range"]
    if field == "submitTimeUtc" and span:
        return _within(span, now)
    if span:
        raise wrong("query")
    quoted = term["quoted"]
    value = term["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if field == "merchantId":
        return lambda _: value == merchant_id
    if field not in _FIELDS:
        raise wrong("query")
    return lambda entry: _FIELDS[field](entry) == value


def _within(span: str, now: datetime) -> Test:
    ends = span[1:-1].split(" TO ")
    if len(ends) != 2:
        raise wrong("query")
    first = _moment(ends[0], now, _ALWAYS[0])
    last = _moment(ends[1], now, _ALWAYS[1])

    def test(entry: Entry) -> bool:
        at = entry.submitted_at
        after = at >= first if span[0] == "[" else at > first
        return after and (at <= last if span[-1] == "]" else at < last)

    return test


def _moment(text: str, now: datetime, open_end: datetime) -> datetime:
    text = text.strip()
    if text == "*":
        return open_end
    if text.isascii() and text.isdigit() and len(text) <= 14:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    found = _NOW.fullmatch(text)
    if found is None:
        raise wrong("query")
    moment = now.astimezone(UTC)
    if found["day"]:
        moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    units = {"DAY": timedelta(days=1), "HOUR": timedelta(hours=1), "MINUTE": timedelta(minutes=1)}
    return moment + int(found["shift"]) * units[found["unit"]] if found["shift"] else moment
