"""The records of financial aid, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs
import pytest
import sqlalchemy as sa

from adapters.sql.engine import open_engine
from core.errors import Conflict
from core.identity import Actor, Learner, LearnerId
from core.money import Currency, Money
from core.privacy.personal_data import ERASED
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Sku
from coursetill_financial_aid.countries import CountryLimit, CountryLimits
from coursetill_financial_aid.incomes import Rate, Rates
from coursetill_financial_aid.personal_data import LearnersAid
from coursetill_financial_aid.prices import AidPrices
from coursetill_financial_aid.records import SqlAidRecords
from coursetill_financial_aid.request import (
    AidRequest,
    AidRequestEntry,
    AidRequestSearch,
    AidRequestState,
    RequestId,
    UnknownAidRequest,
)
from coursetill_financial_aid.tables import TABLES
from coursetill_financial_aid.tiers import OfCourse, OfProgram, Tier, UnknownTierSet
from coursetill_financial_aid_tests.test_request import asked
from coursetill_financial_aid_tests.test_tiers import tiers
from coursetill_testing.clock import MORNING

ANN = Actor.staff("ann")
ENTRY = AidRequestEntry(MORNING, ANN, "set", "as agreed")
DAY = timedelta(days=1)
ADA = Learner(LearnerId("ada"), "ada@example.org", "Ada Lovelace")


def kept(records: SqlAidRecords, *requests: AidRequest) -> None:
    with records.change() as aid:
        aid.keep_tier_set(tiers(), ENTRY)
        aid.keep_tier_set(attrs.evolve(tiers(), name="SDS", scope=OfCourse(CourseId("c"))), ENTRY)
        for request in requests:
            aid.add(request)


def a_request(
    number: str = "R1", learner: str = "ada", state: AidRequestState = AidRequestState.HELD
) -> AidRequest:
    email = f"{learner}@example.org"
    news = (AidRequestEntry(MORNING, Actor.learner(LearnerId(learner)), "asked", "true"),)
    of = {"id": RequestId(number), "learner": LearnerId(learner), "email": email, "news": news}
    return attrs.evolve(asked(), state=state, **of)


def approved(number: str = "R1", learner: str = "ada", tier: str = "0:75%") -> AidRequest:
    found = a_request(number, learner)
    return found.approved(Tier.of(tier, Currency.USD), 365, at=MORNING, by=ANN, why="seen")


def plain(request: AidRequest) -> AidRequest:
    return attrs.evolve(request, news=())


def test_the_migration_creates_the_tables_that_the_code_uses(address: str) -> None:
    engine = open_engine(address)
    found = sa.inspect(engine)
    for table in TABLES.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        indexes = {index["name"] for index in found.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= indexes
    engine.dispose()


def test_stored_tiers_are_read_back_and_replaced_as_a_set(
    records: SqlAidRecords,
) -> None:
    first = tiers(held_below="5000")
    second = attrs.evolve(
        tiers("0:fixed-price:250.50", "75000:full"),
        scope=OfProgram(Sku("DEDP"), itself=True),
        valid_days=30,
    )
    euros = attrs.evolve(
        tiers("0:dollars-off:7", "9:full", currency=Currency.EUR),
        name="PARIS",
        scope=OfCourse(CourseId("c")),
    )
    with records.change() as aid:
        aid.keep_tier_set(first, ENTRY)
    with records.read() as aid:
        assert aid.tier_set("DEDP") == first
    with records.change() as aid:
        aid.keep_tier_set(euros, ENTRY)
        aid.keep_tier_set(second, attrs.evolve(ENTRY, why="again"))
    with records.read() as aid:
        assert aid.tier_sets() == (second, euros)
        assert [entry.why for entry in aid.history("tiers DEDP")] == ["as agreed", "again"]
        with pytest.raises(UnknownTierSet):
            aid.tier_set("dedp")


def test_a_stored_set_of_limits_or_rates_replaces_the_old_one(records: SqlAidRecords) -> None:
    limits = CountryLimits.of(
        [CountryLimit("IN", Money(1_500_050), documents=True), CountryLimit("*", Money(7))]
    )
    rates = Rates.of([Rate("INR", 88_250_000, "Indian rupee"), Rate("KES", 129_000_000)])
    with records.change() as aid:
        aid.keep_countries(CountryLimits.of([CountryLimit("KE", Money(1))]), ENTRY)
        aid.keep_countries(limits, ENTRY)
        aid.keep_rates(Rates.of([Rate("NGN", 10**9)]), ENTRY)
        aid.keep_rates(rates, ENTRY)
    with records.read() as aid:
        assert aid.countries() == limits
        assert aid.rates() == rates
        assert aid.history("rates") == aid.history("countries") == (ENTRY, ENTRY)


@pytest.mark.parametrize(
    "request_",
    [
        a_request(),
        approved(tier="0:fixed-price:250.50"),
        attrs.evolve(approved(), income=None, dollars=None),
        a_request(state=AidRequestState.WITHDRAWN),
    ],
)
def test_a_stored_request_is_read_back_unchanged(
    records: SqlAidRecords, request_: AidRequest
) -> None:
    kept(records, request_)
    with records.read() as aid:
        assert aid.get(request_.id) == plain(request_)
        assert aid.history(request_.id) == request_.news


def test_an_unknown_request_is_absent(records: SqlAidRecords) -> None:
    with records.read() as aid, pytest.raises(UnknownAidRequest):
        aid.get(RequestId("R1"))


@pytest.mark.parametrize(
    "state",
    [s for s in AidRequestState if s not in {AidRequestState.WITHDRAWN, AidRequestState.EXPIRED}],
)
def test_a_learner_has_one_active_request_for_a_set_of_tiers(
    records: SqlAidRecords, state: AidRequestState
) -> None:
    kept(records, a_request("R1", state=state), a_request("R2", "bob"))
    kept(records, attrs.evolve(a_request("R3"), tier_set="SDS"))
    with pytest.raises(Conflict), records.change() as aid:
        aid.add(a_request("R4"))


@pytest.mark.parametrize("state", [AidRequestState.WITHDRAWN, AidRequestState.EXPIRED])
def test_a_learner_may_have_many_ended_requests(
    records: SqlAidRecords, state: AidRequestState
) -> None:
    gone = (a_request("R1", state=state), a_request("R2", state=state))
    kept(records, *gone, a_request("R3"))
    with records.read() as aid:
        found = aid.search(AidRequestSearch(learner=LearnerId("ada")))
    assert [each.id for each in found] == ["R3", "R2", "R1"]


def test_the_second_of_two_concurrent_changes_is_a_conflict(records: SqlAidRecords) -> None:
    kept(records, a_request())
    with records.read() as aid:
        found = aid.get(RequestId("R1"))
    denied = found.moved_to(AidRequestState.DENIED, at=MORNING, by=ANN, why="no")
    with records.change() as aid:
        aid.save(denied)
    with pytest.raises(Conflict), records.change() as aid:
        aid.save(found.moved_to(AidRequestState.WITHDRAWN, at=MORNING, by=ANN, why="too late"))
    with records.read() as aid:
        assert aid.get(found.id).state is AidRequestState.DENIED
        assert [entry.what for entry in aid.history(found.id)] == ["asked", "denied"]


def test_only_one_of_concurrent_requests_is_stored(records: SqlAidRecords) -> None:
    kept(records)

    def add(number: int) -> bool:
        try:
            with records.change() as aid:
                aid.add(a_request(f"R{number}"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        assert sum(people.map(add, range(8))) == 1


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (AidRequestSearch(), ["R3", "R2", "R1"]),
        (AidRequestSearch(limit=2), ["R3", "R2"]),
        (AidRequestSearch(after=RequestId("R2")), ["R1"]),
        (AidRequestSearch(state=AidRequestState.HELD), ["R3", "R1"]),
        (AidRequestSearch(tier_set="SDS"), ["R3"]),
        (AidRequestSearch(country="KE"), ["R2"]),
        (AidRequestSearch(email="bob@example.org"), ["R2"]),
        (
            AidRequestSearch(learner=LearnerId("ada"), state=AidRequestState.HELD, tier_set="DEDP"),
            ["R1"],
        ),
        (AidRequestSearch(country="US"), []),
    ],
)
def test_a_search_lists_the_newest_first(
    records: SqlAidRecords, wanted: AidRequestSearch, found: list[str]
) -> None:
    bobs = attrs.evolve(a_request("R2", "bob", AidRequestState.DENIED), country="KE")
    kept(records, a_request("R1"), bobs, attrs.evolve(a_request("R3"), tier_set="SDS"))
    with records.read() as aid:
        assert [each.id for each in aid.search(wanted)] == found


def test_requests_are_counted_by_tier_country_and_state(records: SqlAidRecords) -> None:
    kept(records, a_request("R1"), a_request("R2", "bob"), approved("R3", "eve", "25000:50%"))
    with records.read() as aid:
        counts = aid.counts()
    told = [(each.tier, each.country, each.state.value, each.number) for each in counts]
    assert told == [("75 % off", "IN", "held", 2), ("50 % off", "IN", "approved", 1)]


def test_erasing_incomes_past_retention_keeps_the_decisions(
    records: SqlAidRecords,
) -> None:
    kept(records, approved("R1"), a_request("R2", "bob"))
    with records.change() as aid:
        assert aid.overdue_incomes(MORNING - DAY) == aid.erase_incomes(MORNING - DAY) == 0
    with records.change() as aid:
        assert aid.overdue_incomes(MORNING) == aid.erase_incomes(MORNING) == 1
        assert aid.overdue_incomes(MORNING) == 0
    with records.read() as aid:
        bare = attrs.evolve(plain(approved("R1")), income=None, dollars=None)
        assert aid.get(RequestId("R1")) == bare
        assert aid.get(RequestId("R2")).income == a_request().income


def run(price: Money) -> Product:
    sells = CourseRun(CourseId("14.310x"), programs=frozenset({Sku("DEDP")}))
    return Product(Sku("run"), "run", "Run", sells, PriceVersion(1, price, MORNING))


@pytest.mark.parametrize(
    ("request_", "at", "codes"),
    [
        (approved(), MORNING, ["FINANCIAL-AID/DEDP-75"]),
        (approved(), MORNING + 365 * DAY, []),
        (approved(tier="75000:full"), MORNING, []),
        (approved(learner="bob"), MORNING, []),
        (a_request(), MORNING, []),
        (a_request(state=AidRequestState.PENDING_DOCUMENTS), MORNING, []),
        (attrs.evolve(approved(), state=AidRequestState.REVOKED), MORNING, []),
    ],
)
def test_an_offer_exists_only_for_an_approved_request(
    records: SqlAidRecords, request_: AidRequest, at: object, codes: list[str]
) -> None:
    kept(records, request_)
    offers = AidPrices(records.tables).offers(ADA, [run(Money(100_000))], at)  # type: ignore[arg-type]  # moments, all
    assert [offer.code.text for offer in offers] == codes


def test_no_offer_is_made_in_another_currency(records: SqlAidRecords) -> None:
    kept(records, approved(tier="0:fixed-price:250"))
    euros = run(Money(100_000, Currency.EUR))
    assert list(AidPrices(records.tables).offers(ADA, [euros], MORNING)) == []


def test_offers_for_a_basket_cost_one_statement(records: SqlAidRecords) -> None:
    kept(records, approved())
    with records.read() as aid:
        engine = aid._connection.engine  # type: ignore[attr-defined]  # of the adapter alone
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, text, *_: said.append(text))
    products = [attrs.evolve(run(Money(1)), sku=Sku(f"run-{n}")) for n in range(20)]
    assert len(list(AidPrices(records.tables).offers(ADA, products, MORNING))) == 20
    assert len([text for text in said if text.startswith("SELECT")]) == 1


@pytest.mark.parametrize(("learner", "email"), [("ada", ""), ("", "Ada@Example.org")])
def test_an_export_holds_every_request_of_a_learner_and_erasure_removes_them(
    records: SqlAidRecords, learner: str, email: str
) -> None:
    kept(records, approved("R1"), attrs.evolve(a_request("R2"), tier_set="SDS"))
    kept(records, a_request("R3", "bob"))
    mine = LearnersAid(records.tables)
    of = (LearnerId(learner), email)
    told = mine.export(*of)["requests"]
    assert [(each["id"], each["income"], each["state"]) for each in told] == [
        ("R1", 10_000, "approved"),
        ("R2", 10_000, "held"),
    ]
    assert told[0]["history"][0]["why"] == "true"
    mine.forget(*of)
    mine.forget(*of)
    assert mine.export(*of) == {}
    with records.read() as aid:
        first, second, bobs = (aid.get(RequestId(f"R{number}")) for number in (1, 2, 3))
        history = aid.history("R1")
    assert (first.learner, first.email, first.income, first.dollars) == (ERASED, ERASED, None, None)
    assert (first.state, second.state) == (AidRequestState.APPROVED, AidRequestState.WITHDRAWN)
    assert [(entry.by.name, entry.why) for entry in history] == [(ERASED, ERASED), ("ann", ERASED)]
    assert bobs == plain(a_request("R3", "bob"))
    with records.change() as aid:
        aid.add(a_request("R4"))


def test_an_empty_learner_id_matches_no_request(records: SqlAidRecords) -> None:
    kept(records, a_request())
    mine = LearnersAid(records.tables)
    assert mine.export(LearnerId(""), "") == {}
    mine.forget(LearnerId(""), "")
    with records.read() as aid:
        assert aid.get(RequestId("R1")).learner == "ada"
