"""The contract of the audit log."""

import attrs
import pytest

from core.audit_log import AuditSearch, Subject
from core.identity import GATEWAY, Actor
from coursetill_testing.contracts.samples import an_entry, changing

RUN, CODE = Subject.product("run-1"), Subject.discount("SPRING")


def keep(shop, *entries):
    with changing(shop.begin) as work:
        work.audit_log.add(entries)


def found(shop, **wanted):
    with shop.read() as work:
        return work.audit_log.search(AuditSearch(**wanted))


def told(shop, **wanted):
    return [entry.what for entry in found(shop, **wanted)]


@pytest.fixture
def three(shop):
    """A shop with three entries, the first two about the same product."""
    keep(
        shop,
        attrs.evolve(an_entry(RUN), what="first", by=Actor.staff("ann")),
        attrs.evolve(an_entry(RUN), what="second", by=Actor.staff("bob")),
    )
    keep(shop, attrs.evolve(an_entry(CODE), what="third", by=Actor.staff("ann")))
    return shop


def test_an_entry_is_read_back_unchanged(shop):
    keep(shop, an_entry())
    assert found(shop) == (an_entry(),)


def test_entries_are_sorted_by_insertion_newest_first(three):
    keep(three, attrs.evolve(an_entry(), what="fourth", at=an_entry().at.replace(year=2001)))
    assert told(three) == ["fourth", "third", "second", "first"]


def test_entries_are_found_by_subject(three):
    assert told(three, subject=RUN) == ["second", "first"]
    assert told(three, subject=Subject("discount", "run-1")) == []


def test_entries_are_found_by_member_of_staff(three):
    keep(three, attrs.evolve(an_entry(), by=GATEWAY), attrs.evolve(an_entry(), by=Actor.staff("")))
    assert told(three, by="ann") == ["third", "first"]
    assert told(three, by="ann", subject=CODE) == ["third"]
    assert len(found(three, by="")) == 1


def test_pages_have_no_gap(three):
    first = found(three, limit=2)
    assert [*told(three, limit=2), *told(three, after=first[-1].number)] == told(three)


def test_storing_no_entries_changes_nothing(shop):
    keep(shop)
    assert found(shop) == ()


def test_entries_about_any_of_several_subjects_are_found(three):
    assert told(three, about=frozenset({RUN, CODE})) == ["third", "second", "first"]
    assert told(three, about=frozenset({CODE, Subject("batch", "run-1")})) == ["third"]
    assert told(three, about=frozenset()) == []
