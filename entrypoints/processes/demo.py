"""The demo: the shop with everything around it on this machine, and no money anywhere."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import attrs

from core.discounts.discount import RedemptionType, Source
from core.identity import Actor
from core.products.product import Product
from core.unit_of_work import Begin
from core.use_cases.catalogue.import_catalogue import ImportPlan, import_catalogue
from core.use_cases.discounts.create_discount import CodeIsTaken, DiscountDraft, create_discount
from coursetill_simulators.cybersource.guards import BesideProduction
from coursetill_simulators.cybersource.profiles import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
)
from coursetill_simulators.cybersource.server import RunningSimulator
from coursetill_simulators.cybersource.settings import (
    DEMO_KEY_ID,
    DEMO_MERCHANT_ID,
    DEMO_SECRET,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.state.ledger_file import UnreadableBooks
from coursetill_simulators.cybersource.state.outcomes import ACCEPTED_CARDS, CARDS, OUTCOMES
from coursetill_simulators.demo import DEMO_CATALOGUE
from coursetill_simulators.learning_platform.app import RunningPlatform
from coursetill_simulators.mailbox.app import RunningLetterbox
from coursetill_simulators.serving.loopback_tls import loopback_tls
from entrypoints.composition.clock_and_ids import new_discount_id, new_key, now
from entrypoints.composition.gateways.cybersource import webhook_subscriptions
from entrypoints.composition.shop import Shop, open_shop, upgrade_database
from entrypoints.csv_files.catalogue import Row, read_catalogue_file
from entrypoints.processes.errors import BesideARealGateway, NotForTheDemo, UnusableBooks
from entrypoints.settings.gateways.cybersource import CardFormSettings, GatewaySettings, WebhookKeys
from entrypoints.settings.gateways.secure_acceptance import HostedSettings, PageKeySettings
from entrypoints.settings.keys import SharedKeySettings
from entrypoints.settings.mail import MailSettings
from entrypoints.settings.reader import PREFIX
from entrypoints.settings.shop import EventSettings, Settings

WRITTEN_ON = date(2026, 11, 22)
"""The day on which the demo's catalogue looks as its file says; it moves on by whole weeks."""

_MOMENTS = ("enrollment_opens", "payment_deadline", "starts", "ends")
_CARDS = ("2032", "2040", "4806", "9011")
_HOST = "127.0.0.1"

DEMO_STAFF = Actor.staff("demo")
"""Who fills the demo's shelf, and who acts in its second terminal unless told otherwise."""


@attrs.frozen
class Demo:
    """A demo that runs: the shop, and where everything around it is."""

    shop: Shop
    simulator: str
    platform: str
    letterbox: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings under which another terminal finds this shop."""
        settings, gateway, events = self._told()
        return {
            f"{PREFIX}DATABASE_URL": settings.database_url,
            f"{PREFIX}SHOP_URL": settings.shop_url,
            f"{PREFIX}SECRET_KEY": settings.secret_key or "",
            f"{PREFIX}SIGN_IN": "demo",
            f"{PREFIX}STAFF": settings.staff or DEMO_STAFF.name,
            **gateway_environment(gateway),
            **page_environment(settings.hosted),
            f"{PREFIX}EVENTS_URL": events.url,
            f"{PREFIX}EVENTS_SECRET": events.secret,
            **mail_environment(settings.mail),
        }

    def _told(self) -> tuple[Settings, GatewaySettings, EventSettings]:
        settings = self.shop.settings
        if settings.gateway is None or settings.events is None:
            raise ValueError("a demo has a gateway and a receiver of events")
        return settings, settings.gateway, settings.events

    def write_environment(self, path: Path) -> None:
        """Write the settings for `. path`, readable by this user alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("\n".join([*exports(self.environment), ""]), encoding="utf-8")


@contextmanager
def running_demo(
    settings: Settings, now: datetime, *, automatic: bool = False, hosted_page: bool = False
) -> Iterator[Demo]:
    """The demo on free ports, its database made, migrated and filled; ended on leaving.

    With `automatic` the card form charges the card by itself; with `hosted_page` learners pay on
    the gateway's own page, and not in its card form.
    Raises NotForTheDemo, or Unavailable where the database cannot be used.
    """
    try:
        simulator = RunningSimulator(_beside(settings, books=_books(settings.database_url)))
    except (BesideProduction, UnreadableBooks) as why:
        raise NotForTheDemo(str(why)) from None
    secret = new_key()
    with simulator, RunningPlatform(secret) as platform, RunningLetterbox() as letterbox:
        demo_settings = attrs.evolve(
            settings,
            shop_url=f"http://{_HOST}:{settings.port}",
            bind=_HOST,
            secret_key=settings.secret_key or new_key(),
            demo_sign_in=True,
            gateway=GatewaySettings(
                simulator.url,
                DEMO_MERCHANT_ID,
                DEMO_KEY_ID,
                DEMO_SECRET,
                simulator=True,
                form=CardFormSettings(automatic=automatic),
                webhooks=webhooks_of(simulator),
            ),
            hosted=page_at(simulator.url) if hosted_page else None,
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
            with webhook_subscriptions(demo_settings) as subscriptions:
                address = f"{demo_settings.shop_url}/webhooks/cybersource"
                subscriptions.subscribe(address, subscriptions.wanted())
            yield Demo(shop, simulator.url, platform.url, letterbox.url)
        finally:
            shop.close()


@contextmanager
def running_simulator(
    settings: Settings, port: int, *, books: Path | None = None, authority: Path | None = None
) -> Iterator[GatewaySettings]:
    """The payment gateway's simulator alone, ended on leaving: the settings that lead to it.

    Port 0 takes any that is free; `books` is the file that its ledger is kept in. With `authority`
    it speaks https, and leaves the certificate that callers have to trust in that file. Raises
    BesideARealGateway, UnusableBooks, or OSError where the port is taken.
    """
    try:
        tls = loopback_tls(now()) if authority else None
        if authority is not None and tls is not None:
            authority.write_bytes(tls.authority)
        simulator = RunningSimulator(_beside(settings, books=books), port=port, tls=tls)
    except BesideProduction as real:
        raise BesideARealGateway(real.host) from None
    except UnreadableBooks as why:
        raise UnusableBooks(str(why)) from None
    with simulator:
        yield GatewaySettings(
            simulator.url,
            DEMO_MERCHANT_ID,
            DEMO_KEY_ID,
            DEMO_SECRET,
            simulator=True,
            webhooks=webhooks_of(simulator),
        )


def webhooks_of(simulator: RunningSimulator) -> WebhookKeys:
    """A new key for the webhooks of a simulator that runs; it is gone with the process."""
    key = simulator.new_webhook_key()
    return WebhookKeys(keys=(SharedKeySettings(key.id, key.secret),))


def _books(database_url: str) -> Path | None:
    """The file beside a SQLite database, so that what the shop sold can be refunded later."""
    scheme, _, file = database_url.partition(":///")
    name = file.partition("?")[0]
    return Path(f"{name}.gateway") if scheme.startswith("sqlite") and name else None


def _beside(settings: Settings, *, books: Path | None = None) -> SimulatorSettings:
    """The simulator's own settings, in which it is told which gateway the shop has."""
    gateway = settings.gateway
    hosts = (gateway.url,) if gateway is not None and not gateway.simulator else ()
    return SimulatorSettings(gateway_hosts=hosts, books=books)


def gateway_environment(gateway: GatewaySettings) -> Mapping[str, str]:
    """The settings under which a shop uses this simulator."""
    return {
        f"{PREFIX}CYBERSOURCE_URL": gateway.url,
        f"{PREFIX}CYBERSOURCE_MERCHANT_ID": gateway.merchant_id,
        f"{PREFIX}CYBERSOURCE_KEY_ID": gateway.key_id,
        f"{PREFIX}CYBERSOURCE_SHARED_SECRET": gateway.shared_secret,
        f"{PREFIX}CYBERSOURCE_SIMULATOR": "yes",
        **({f"{PREFIX}CYBERSOURCE_FLOW": "automatic"} if gateway.form.automatic else {}),
        **webhook_environment(gateway.webhooks),
    }


def webhook_environment(webhooks: WebhookKeys | None) -> Mapping[str, str]:
    """The settings under which a shop believes these webhooks."""
    if webhooks is None:
        return {}
    keys = " ".join(f"{key.key_id}:{key.secret}" for key in webhooks.keys)
    return {f"{PREFIX}CYBERSOURCE_WEBHOOK_KEYS": keys}


def page_at(url: str, *, pays: bool = True) -> HostedSettings:
    """The simulator's own payment page; without `pays` it is heard, and not shown.

    To a browser its name is another site than the shop's, as it is in earnest: whoever comes back
    from there brings no cookie.
    """
    key = PageKeySettings(DEMO_ACCESS_KEY, DEMO_PROFILE_SECRET)
    return HostedSettings(url.replace(_HOST, "localhost"), DEMO_PROFILE_ID, (key,), pays=pays)


def page_environment(hosted: HostedSettings | None) -> Mapping[str, str]:
    """The settings under which a shop uses this payment page."""
    if hosted is None:
        return {}
    keys = " ".join(f"{key.access_key}:{key.secret}" for key in hosted.keys)
    return {
        f"{PREFIX}PAY_AT": "hosted-page" if hosted.pays else "card-form",
        f"{PREFIX}SECURE_ACCEPTANCE_URL": hosted.url,
        f"{PREFIX}SECURE_ACCEPTANCE_PROFILE_ID": hosted.profile_id,
        f"{PREFIX}SECURE_ACCEPTANCE_KEYS": keys,
    }


def mail_environment(mail: MailSettings | None) -> Mapping[str, str]:
    """The settings under which a shop sends its letters to this mail server of this machine."""
    if mail is None:
        return {}
    return {
        f"{PREFIX}SMTP_HOST": mail.host,
        f"{PREFIX}SMTP_PORT": str(mail.port),
        f"{PREFIX}SMTP_SECURITY": mail.security,
        f"{PREFIX}MAIL_FROM": mail.sender,
    }


def exports(environment: Mapping[str, str]) -> list[str]:
    """The settings as a shell reads them."""
    return [f"export {name}={shlex.quote(text)}" for name, text in environment.items()]


def weeks_since(today: date) -> int:
    """How many whole weeks the catalogue has to move on."""
    return (today - WRITTEN_ON).days // 7


def demo_rows(weeks: int) -> list[Row]:
    """The demo's catalogue with every moment moved on by so many weeks."""
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
    """Put the demo's products on the shelf, or move their windows on; a price stays as it is.

    Raises NotForTheDemo where the shelf holds another catalogue.
    """
    with begin() as work:
        shelf = {product.sku.text: product for product in work.products.everything()}
    rows = demo_rows(weeks_since(now.date()))
    if shelf and not any(row["sku"] in shelf for _, row in rows):
        raise NotForTheDemo(
            "the database holds another catalogue. Name an empty one: COURSETILL_DATABASE_URL"
        )
    kept = [(line, _at_its_price(row, shelf.get(row["sku"]))) for line, row in rows]
    return import_catalogue(kept, by=DEMO_STAFF, why="the demo's", begin=begin, now=now)


def _at_its_price(row: Mapping[str, str], product: Product | None) -> Mapping[str, str]:
    if product is None:
        return row
    price = product.price
    return {**row, "price": price.plain, "currency": price.currency.code}


def codes(weeks: int) -> tuple[tuple[DiscountDraft, str], ...]:
    """The demo's discounts, and what to say of each."""
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
            "$50.00 off the program SDS or one of its runs, for whoever is first",
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
    """Create those of the demo's discounts that are not there yet."""
    for written, _ in codes(weeks):
        try:
            create_discount(
                written,
                new_discount_id(),
                by=DEMO_STAFF,
                why="the demo's",
                begin=begin,
                now=now,
            )
        except CodeIsTaken:
            continue


def cards() -> list[tuple[str, str]]:
    """Card numbers to try at the simulator, and how each ends."""
    accepted = [(number, f"{brand}: paid") for number, brand in list(ACCEPTED_CARDS.items())[:2]]
    others = [
        (number, OUTCOMES[name].says) for number, name in CARDS.items() if number[-4:] in _CARDS
    ]
    return [*accepted, *others]
