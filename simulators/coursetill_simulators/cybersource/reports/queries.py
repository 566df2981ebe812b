"""
The part of the search language that the simulator supports.

`field:value` or `field:"value"`, joined by AND and OR and grouped by parentheses; AND binds closer.
In quotes, a backslash escapes the next character. `submitTimeUtc` takes a range: `[` and `]`
include the end, `{` and `}` exclude it. An end is `*`, epoch milliseconds or NOW, optionally
rounded (NOW/DAY) and shifted (NOW/DAY-7DAYS).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs

from coursetill_simulators.cybersource.state.ledger import LedgerEntry
from coursetill_simulators.cybersource.wire_format.refusals import wrong

Test = Callable[[LedgerEntry], bool]

_TERM = re.compile(
    r'(?P<field>[A-Za-z.]+):(?:"(?P<quoted>(?:[^"\\]|\\.)*)"'
    r"|(?P<range>[\[{][^\]}]*[\]}])|(?P<bare>[^\s\"()]+))(?=[\s)]|$)"
)
_JOINT = re.compile(r"\s+(AND|OR)\s+(?=\S)")
_SPACE = re.compile(r"\s*")
# A query has at most 2000 characters; this is enough nesting for any useful one.
_DEEPEST = 50
_NOW = re.compile(r"NOW(?P<day>/DAY)?(?:(?P<shift>[+-]\d{1,4})(?P<unit>DAY|HOUR|MINUTE)S?)?")
_FIELDS: dict[str, Callable[[LedgerEntry], str]] = {
    "id": lambda entry: entry.id,
    "reconciliationId": lambda entry: entry.id,
    "clientReferenceInformation.code": lambda entry: entry.code,
    "buyerInformation.merchantCustomerId": lambda entry: entry.notes.customer_id,
    "deviceInformation.ipAddress": lambda entry: entry.notes.ip_address,
}
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def query_test(query: str, merchant_id: str, now: datetime) -> Test:
    """The predicate of `query` over entries. Raises Refusal if the query is invalid."""
    reader = _Reader(query, merchant_id, now)
    found = reader.either()
    if not reader.at_end():
        raise wrong("query")
    return found


@attrs.define
class _Reader:
    """Reads a query from left to right."""

    query: str
    merchant_id: str
    now: datetime
    place: int = 0
    depth: int = 0

    def either(self) -> Test:
        """Groups of AND terms, joined by OR."""
        tests = [self.both()]
        while self._joint("OR"):
            tests.append(self.both())
        return lambda entry: any(test(entry) for test in tests)

    def both(self) -> Test:
        """Terms joined by AND."""
        tests = [self.one()]
        while self._joint("AND"):
            tests.append(self.one())
        return lambda entry: all(test(entry) for test in tests)

    def one(self) -> Test:
        """A term, or a group in parentheses."""
        self._skip()
        if self.query.startswith("(", self.place):
            return self._group()
        term = _TERM.match(self.query, self.place)
        if term is None:
            raise wrong("query")
        self.place = term.end()
        return _test(term, self.merchant_id, self.now)

    def at_end(self) -> bool:
        """Whether only space is left."""
        self._skip()
        return self.place == len(self.query)

    def _group(self) -> Test:
        self.place, self.depth = self.place + 1, self.depth + 1
        if self.depth > _DEEPEST:
            raise wrong("query")
        found = self.either()
        self._skip()
        if not self.query.startswith(")", self.place):
            raise wrong("query")
        self.place, self.depth = self.place + 1, self.depth - 1
        return found

    def _joint(self, word: str) -> bool:
        found = _JOINT.match(self.query, self.place)
        if found is None or found[1] != word:
            return False
        self.place = found.end()
        return True

    def _skip(self) -> None:
        space = _SPACE.match(self.query, self.place)
        self.place = space.end() if space else self.place


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

    def test(entry: LedgerEntry) -> bool:
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
