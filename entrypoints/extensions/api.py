"""The API of extensions. An extension is a package with one value: an Extension."""

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
"""The version of this API. It increases when extensions have to change."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


HealthCheck = health_check.HealthCheck


class MigratedTables(Protocol):
    """The tables of an extension; `adapters.sql.extension_tables.OwnTables` is one."""

    def upgrade(self) -> None: ...
    def state(self) -> str: ...
    def close(self) -> None: ...


@attrs.frozen(kw_only=True)
class Host:
    """What the shop gives an extension when it opens it.

    `settings` are the settings that are set, by their names in `Extension.settings`. `begin` starts
    a transaction on the shop's records, `read` a read-only one; both work as in the core.
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
        """The error to raise for an invalid setting: "TIERS", 'is "x": use …'."""
        return SettingsAreWrong((f"{setting_prefix(self.name)}{name} {why}",))


@attrs.frozen
class Link:
    """A link on one of the shop's pages: its text, and an address in this shop."""

    text: str
    address: str = attrs.field(validator=attrs.validators.matches_re(r"/(?!/).*"))


Links = Callable[[Learner | None, Collection[Product]], Iterable[Link]]
"""The links beside these products: one product on its own page, several in a basket."""


class PersonalRecords(Protocol):
    """An extension's personal data, for export and erasure together with the shop's.

    A learner is identified by id, by e-mail address, or by both.
    """

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        """All stored data of the learner, as JSON; empty if there is none."""
        ...

    def forget(self, learner: LearnerId, email: str, /) -> None:
        """Erase the learner's identity; amounts may stay for accounting. Idempotent."""
        ...


@attrs.frozen
class EventReader:
    """A reader of committed events, with a checkpoint of its own.

    The shop calls `handle` with one event at a time, in the order of the log, at least once: after
    a crash and in a replay, the same offset comes again. Store the offset in the same transaction
    as the change, and do nothing if it is stored already. If `handle` raises an error, the event is
    repeated in the next round, and later events wait.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    handle: Callable[[LoggedEvent], None]


@attrs.frozen
class Job:
    """A recurring job. The shop calls `run` with the current time, once each `schedule` interval.

    Only one process of the shop runs it at a time, up to its time limit.
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    run: Callable[[datetime], object]
    schedule: JobSchedule


@attrs.frozen(kw_only=True)
class Parts:
    """What an open extension brings. Every part is optional.

    `pages` is a Flask Blueprint, mounted under /NAME/; in `url_for` it has the extension's name.
    `product_links` and `basket_links` are shown on those pages. `staff_pages` is a Blueprint, too,
    mounted under /staff/NAME/ with the name NAME-staff; only staff can open it, and nobody can if
    the shop has no staff sign-in. `readers` and `jobs` run beside the pages; their names are unique
    within the extension. `close` closes what was opened.
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
    """The value that an entry point of the group "coursetill.extensions" names.

    `settings` are the names of its settings without COURSETILL_NAME_. `tables` returns its tables
    in the database at an address. `commands` names its click group, such as "package.cli:commands";
    `coursetill NAME` imports it when it is called. `wording` names the sentences of its errors,
    such as "package.wording:ENTRIES".
    """

    name: str = attrs.field(validator=attrs.validators.matches_re(NAME))
    api: int
    open: Callable[[Host], Parts]
    settings: tuple[str, ...] = ()
    tables: Callable[[str], MigratedTables] | None = None
    commands: str | None = None
    wording: str | None = None


def setting_prefix(name: str) -> str:
    """The prefix of this extension's settings: COURSETILL_FINANCIAL_AID_."""
    return f"{PREFIX}{name.replace('-', '_').upper()}_"
