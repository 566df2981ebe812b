"""Half price for alumni."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from adapters.sql.extension_tables import ExtensionTables
from core.identity import Learner
from core.products.product import Product
from entrypoints.extensions.api import API, Extension, Host, Link, Parts


def tables(address: str) -> ExtensionTables:
    folder = Path(__file__).parent / "migrations"
    return ExtensionTables(address, "alumni", folder, revisions=("0001",))


def links(learner: Learner | None, products: Collection[Product]) -> Iterable[Link]:
    return [Link("Half price for alumni", "/alumni/")]


def open_alumni(host: Host) -> Parts:
    # Imported here, because commands that use neither start in half the time.
    from coursetill_alumni.members import AlumniPrices, Members
    from coursetill_alumni.pages import pages_of

    share = host.settings.get("PERCENT", "50")
    if not share.isdigit() or not 0 < int(share) <= 100:
        raise host.wrong_setting("PERCENT", f'is "{share}": use a number from 1 to 100')
    kept = tables(host.database_url)
    members = Members(kept)
    return Parts(
        prices=AlumniPrices(members, share),
        pages=pages_of(members, host),
        product_links=links,
        records=members,
        close=kept.close,
    )


EXTENSION = Extension(
    name="alumni",
    api=API,
    open=open_alumni,
    settings=("PERCENT",),
    tables=tables,
    commands="coursetill_alumni.commands:alumni",
)
