"""What an extension is: a package of its own, and one value in it that says what it brings."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import attrs

from core.discounts.personal_offers import PriceSource
from core.identity import Learner, LearnerId
from core.messaging.event_log import LoggedEvent
from core.products.product import Product
from core.unit_of_work import Begin
from core.use_cases.jobs.run_job import JobSchedule
from core.use_cases.pricing.eligibility import PurchaseRule
from entrypoints import health_check
from entrypoints.settings.reader import PREFIX, SettingsAreWrong

API = 2
"""The version of all that this module says. It counts up when an extension has to be changed."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


HealthCheck = health_check.HealthCheck


class MigratedTables(Protocol):
    """The tables of an extension; `adapters.sql.extension_tables.OwnTables` is one."""

    def upgrade(self) -> None: ...
    def state(self) -> str: ...
    def close(self) -> None: ...


@attrs.frozen(kw_only=True)
class Host:
    """What the shop gives an extension when it is opened.

    `settings` are those of its settings that are set, by their names in `Extension.settings`.
    `begin` starts a change of the shop's records, `read` a reading; both as in the core.
    """

    name: str
    settings: Mapping[str, str] = attrs.field(repr=False)
    database_url: str = attrs.field(repr=False)
    begin: Begin
    read: Begin
    now: Callable[[], datetime]
    shop_name: str
    shop_url: str
    support_email: str
    time_zone: ZoneInfo

    def wrong_setting(self, name: str, why: str) -> SettingsAreWrong:
        """The error to raise for a setting that makes no sense: "TIERS", 'is "x": use …'."""
        return SettingsAreWrong((f"{setting_prefix(self.name)}{name} {why}",))


@attrs.frozen
class Link:
    """A link on one of the shop's pages: its words, and an address of this shop."""

    text: str
    address: str = attrs.field(validator=attrs.validators.matches_re(r"/(?!/).*"))


Links = Callable[[Learner | None, Collection[Product]], Iterable[Link]]
"""The links to show somebody beside these products: one on its page, several in a basket."""


class PersonalRecords(Protocol):
    """What an extension keeps of learners, to be told and forgotten with what the shop keeps.

    A learner may be known by id, by e-mail address alone, or by both.
    """

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        """All that is kept of the learner, as JSON has it; empty where there is nothing."""
        ...

    def forget(self, learner: LearnerId, email: str, /) -> None:
        """Erase who it was; the books may keep amounts. A second time changes nothing."""
        ...


@attrs.frozen
class EventReader:
    """A reader of committed events, with a checkpoint of its own.

    `handle` is called for one event after the other, each in the order of the log, each at least
    once: after a crash, and in a replay, it is called again with an offset that it has handled. It
    must keep the offset with its own change, and do nothing where it is there already. Where it
    raises, that event is tried again in the next round, and later events wait for it.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    handle: Callable[[LoggedEvent], None]


@attrs.frozen
class Job:
    """Work that recurs: `run` is called with the time when the interval of `schedule` is over.

    Of all processes of the shop one runs it at a time, for as long as its time limit lasts.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    run: Callable[[datetime], object]
    schedule: JobSchedule


@attrs.frozen(kw_only=True)
class Parts:
    """What an opened extension brings; it leaves out what it has no use for.

    `pages` is a Flask Blueprint, mounted under /NAME/; in `url_for` it is called by the extension's
    name. `product_links` and `basket_links` stand on those pages. `staff_pages` is a Blueprint too,
    mounted under /staff/NAME/ and called NAME-staff; members of staff alone reach it, and nobody
    does where the shop has no sign-in for staff. `readers` and `jobs` work beside the pages; no two
    of them share a name. `close` lets go of what was opened.
    """

    prices: PriceSource | None = None
    rules: tuple[PurchaseRule, ...] = ()
    pages: object | None = None
    product_links: Links | None = None
    basket_links: Links | None = None
    records: PersonalRecords | None = None
    checks: Callable[[], Iterable[HealthCheck]] | None = None
    staff_pages: object | None = None
    readers: tuple[EventReader, ...] = ()
    jobs: tuple[Job, ...] = ()
    close: Callable[[], None] = lambda: None


@attrs.frozen(kw_only=True)
class Extension:
    """What an entry point of the group "coursetill.extensions" names.

    `settings` are the names of its settings without COURSETILL_NAME_ before them. `tables` gives
    its tables in the database at an address. `commands` is where its click group stands, such as
    "package.cli:commands": it is imported when somebody calls it, as `coursetill NAME`. `wording`
    is where the sentences of its errors are, such as "package.wording:ENTRIES".
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    api: int
    open: Callable[[Host], Parts]
    settings: tuple[str, ...] = ()
    tables: Callable[[str], MigratedTables] | None = None
    commands: str | None = None
    wording: str | None = None


def setting_prefix(name: str) -> str:
    """How the settings of the extension of this name begin: COURSETILL_FINANCIAL_AID_."""
    return f"{PREFIX}{name.replace('-', '_').upper()}_"
