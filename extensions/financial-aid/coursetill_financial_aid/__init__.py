"""Financial aid: learners state income and country, and get a personal price."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from entrypoints.extensions.api import API, Extension, Host, Parts

if TYPE_CHECKING:
    from adapters.sql.extension_tables import ExtensionTables
    from coursetill_financial_aid.decide_request import Bureau

DAYS_KEPT = 30


def _tables(address: str) -> ExtensionTables:
    from coursetill_financial_aid.tables import tables

    return tables(address)


def bureau_of(host: Host, tables: ExtensionTables) -> Bureau:
    """The collaborators of the use cases. Raises SettingsAreWrong."""
    from coursetill_financial_aid.decide_request import Bureau
    from coursetill_financial_aid.records import SqlAidRecords

    days = host.settings.get("KEEP_INCOME_DAYS", str(DAYS_KEPT))
    if not days.isascii() or not days.isdigit() or len(days) > 4:
        raise host.wrong_setting("KEEP_INCOME_DAYS", f'is "{days}": use a number of days to 9999')
    return Bureau(SqlAidRecords(tables), host.read, host.now, timedelta(days=int(days)))


def _open(host: Host) -> Parts:
    # Imported here, because commands that do not use it start in half the time.
    from coursetill_financial_aid.checks import checks_of
    from coursetill_financial_aid.links import basket_links, product_links
    from coursetill_financial_aid.pages import pages_of
    from coursetill_financial_aid.personal_data import LearnersAid
    from coursetill_financial_aid.prices import AidPrices

    tables = _tables(host.database_url)
    bureau = bureau_of(host, tables)
    return Parts(
        prices=AidPrices(tables),
        pages=pages_of(bureau, host),
        product_links=product_links(bureau),
        basket_links=basket_links(bureau),
        records=LearnersAid(tables),
        checks=checks_of(bureau),
        close=tables.close,
    )


EXTENSION = Extension(
    name="financial-aid",
    api=API,
    open=_open,
    settings=("KEEP_INCOME_DAYS",),
    tables=_tables,
    commands="coursetill_financial_aid.commands:financial_aid",
    wording="coursetill_financial_aid.wording:ENTRIES",
)
