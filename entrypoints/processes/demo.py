"""The demo: the shop and simulators of all its neighbours on this machine. No money moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs

from core.discounts.discount import RedemptionType, Source
from core.identity import Actor
from core.products.product import Product
from core.unit_of_work import Begin
from core.use_cases.catalogue.import_catalogue import ImportPlan, import_catalogue
from core.use_cases.discounts.create_discount import CodeIsTaken, DiscountDraft, create_discount
from coursetill_simulators.demo import DEMO_CATALOGUE
from coursetill_simulators.learning_platform.app import RunningPlatform
from coursetill_simulators.mailbox.app import RunningMailbox
from entrypoints.composition.clock_and_ids import new_discount_id, new_key
from entrypoints.composition.shop import Shop, open_shop, upgrade_database
from entrypoints.csv_files.catalogue import Row, read_catalogue_file
from entrypoints.gateways.api import DemoGateway, DemoRefused, DemoRequest, GatewayPlugin, RunDemo
from entrypoints.gateways.registry import installed_gateways, part_at
from entrypoints.processes.errors import NotForTheDemo
from entrypoints.settings.mail import MailSettings
from entrypoints.settings.reader import PREFIX
from entrypoints.settings.shell import exports
from entrypoints.settings.shop import EventSettings, Settings, read_settings

WRITTEN_ON = date(2026, 11, 22)
"""The day for which the dates in the demo's catalogue are written. They move by whole weeks."""

_MOMENTS = ("enrollment_opens", "payment_deadline", "starts", "ends")
_HOST = "127.0.0.1"

DEMO_STAFF = Actor.staff("demo")
"""The actor that fills the demo's catalogue, and the default in its second terminal."""


@attrs.frozen
class Demo:
    """A running demo: the shop, and the addresses of the simulators."""

    shop: Shop
    gateway: DemoGateway
    platform: str
    letterbox: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings for commands in another terminal."""
        settings, events = self.shop.settings, self.shop.settings.events
        if events is None:
            raise ValueError("a demo has a receiver of events")
        return {
            f"{PREFIX}DATABASE_URL": settings.database_url,
            f"{PREFIX}SHOP_URL": settings.shop_url,
            f"{PREFIX}SECRET_KEY": settings.secret_key or "",
            f"{PREFIX}SIGN_IN": "demo",
            f"{PREFIX}STAFF": settings.staff or DEMO_STAFF.name,
            **self.gateway.environment,
            f"{PREFIX}EVENTS_URL": events.url,
            f"{PREFIX}EVENTS_SECRET": events.secret,
            **mail_environment(settings.mail),
        }

    def write_environment(self, path: Path) -> None:
        """Write the settings to a file for `. path`. Only this user can read it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join([*exports(self.environment), ""]), encoding="utf-8")


@contextmanager
def running_demo(
    settings: Settings, now: datetime, *, automatic: bool = False, hosted_page: bool = False
) -> Iterator[Demo]:
    """Run the demo on free ports with a migrated and filled database. Stops on exit.

    With `automatic` the card form charges the card itself. With `hosted_page` learners pay on the
    gateway's own page instead of its card form. Raises NotForTheDemo, or Unavailable if the
    database is unusable.
    """
    secret = new_key()
    with (
        _running_gateway(settings, automatic=automatic, hosted_page=hosted_page) as gateway,
        RunningPlatform(secret) as platform,
        RunningMailbox() as letterbox,
    ):
        of_gateway = read_settings(gateway.environment)
        demo_settings = attrs.evolve(
            settings,
            shop_url=f"http://{_HOST}:{settings.port}",
            bind=_HOST,
            secret_key=settings.secret_key or new_key(),
            demo_sign_in=True,
            gateways=of_gateway.gateways,
            pays_at_page=of_gateway.pays_at_page,
            events=EventSettings(platform.events_url, secret),
            mail=MailSettings(
                host=_HOST, port=letterbox.port, security="none", sender=settings.support_email
            ),
        )
        upgrade_database(demo_settings)
        shop = open_shop(demo_settings)
        try:
            fill_catalogue(begin=shop.begin, now=now)
            create_codes(begin=shop.begin, now=now, weeks=weeks_since(now.date()))
            gateway.connect(demo_settings.shop_url)
            yield Demo(shop, gateway, platform.url, letterbox.url)
        finally:
            shop.close()


@contextmanager
def _running_gateway(
    settings: Settings, *, automatic: bool, hosted_page: bool
) -> Iterator[DemoGateway]:
    """The simulator of the configured gateway, or of the first gateway that has one.

    Raises NotForTheDemo.
    """
    plugin, run = _demo_of(settings)
    configured = next((each for each in settings.gateways if each.name == plugin.name), None)
    request = DemoRequest(
        configured=configured,
        records=_books(settings.database_url),
        automatic=automatic,
        hosted_page=hosted_page,
    )
    with ExitStack() as stack:
        try:
            gateway = stack.enter_context(run(request))
        except DemoRefused as why:
            raise NotForTheDemo(str(why)) from None
        yield gateway


def _demo_of(settings: Settings) -> tuple[GatewayPlugin[Any], RunDemo]:
    chosen = settings.gateway
    for plugin in (*((chosen.plugin,) if chosen else ()), *installed_gateways()):
        if plugin.demo is not None:
            return plugin, part_at(plugin.name, plugin.demo)
    raise NotForTheDemo("no payment gateway that is installed has a simulator")


def _books(database_url: str) -> Path | None:
    """The file of the simulator's payments, beside a SQLite database, so that refunds work."""
    scheme, _, file = database_url.partition(":///")
    name = file.partition("?")[0]
    return Path(f"{name}.gateway") if scheme.startswith("sqlite") and name else None


def mail_environment(mail: MailSettings | None) -> Mapping[str, str]:
    """The settings that send a shop's letters to this local mail server."""
    if mail is None:
        return {}
    return {
        f"{PREFIX}SMTP_HOST": mail.host,
        f"{PREFIX}SMTP_PORT": str(mail.port),
        f"{PREFIX}SMTP_SECURITY": mail.security,
        f"{PREFIX}MAIL_FROM": mail.sender,
    }


def weeks_since(today: date) -> int:
    """The number of whole weeks to move the catalogue's dates by."""
    return (today - WRITTEN_ON).days // 7


def demo_rows(weeks: int) -> list[Row]:
    """The demo's catalogue, with its dates moved by this many weeks."""
    return [
        (line, _moved(row, weeks)) for line, row in read_catalogue_file(DEMO_CATALOGUE.read_bytes())
    ]


def _moved(row: Mapping[str, str], weeks: int) -> Mapping[str, str]:
    moved = {
        name: (datetime.fromisoformat(row[name]) + timedelta(weeks=weeks)).isoformat()
        for name in _MOMENTS
        if row[name]
    }
    return {**row, **moved}


def fill_catalogue(*, begin: Begin, now: datetime) -> ImportPlan:
    """Create the demo's products, or update their dates. Prices do not change.

    Raises NotForTheDemo if the database holds another catalogue.
    """
    with begin() as work:
        shelf = {product.sku.text: product for product in work.products.everything()}
    rows = demo_rows(weeks_since(now.date()))
    if shelf and not any(row["sku"] in shelf for _, row in rows):
        raise NotForTheDemo(
            "the database holds another catalogue. Name an empty one: COURSETILL_DATABASE_URL"
        )
    priced = [(line, _at_its_price(row, shelf.get(row["sku"]))) for line, row in rows]
    return import_catalogue(priced, by=DEMO_STAFF, why="the demo's", begin=begin, now=now)


def _at_its_price(row: Mapping[str, str], product: Product | None) -> Mapping[str, str]:
    if product is None:
        return row
    price = product.price
    return {**row, "price": price.plain, "currency": price.currency.code}


def codes(weeks: int) -> tuple[tuple[DiscountDraft, str], ...]:
    """The demo's discounts, and a description of each."""
    over = datetime.fromisoformat("2026-09-01T00:00:00Z") + timedelta(weeks=weeks)
    return (
        (DiscountDraft("WELCOME25", "percent-off", "25"), "25 % off everything"),
        (
            DiscountDraft(
                "ONCE50",
                "dollars-off",
                "50.00",
                skus=("SDS",),
                redemption_type=RedemptionType.ONE_TIME,
            ),
            "$50.00 off the program SDS or one of its runs, for one order",
        ),
        (
            DiscountDraft("CALCULUS29", "fixed-price", "29.00", skus=("18.01.1x-1T2027",)),
            "18.01.1x-1T2027 for $29.00",
        ),
        (DiscountDraft("SUMMER20", "percent-off", "20", expires_at=over), "expired"),
        (
            DiscountDraft(
                "EARLYBIRD", "percent-off", "10", source=Source.AUTOMATIC, skus=("14.73x-1T2027",)
            ),
            "10 % off 14.73x-1T2027, without typing",
        ),
    )


def create_codes(*, begin: Begin, now: datetime, weeks: int) -> None:
    """Create the demo's discounts that do not exist yet."""
    for draft, _ in codes(weeks):
        try:
            create_discount(
                draft,
                new_discount_id(),
                by=DEMO_STAFF,
                why="the demo's",
                begin=begin,
                now=now,
            )
        except CodeIsTaken:
            continue
