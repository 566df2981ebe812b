"""Vouchers: employers' documents that pay for courses become discounts of the shop."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import quote

from adapters.sql.extension_tables import ExtensionTables
from core.identity import Learner
from core.products.product import CourseRun, Product
from entrypoints.extensions.api import API, Extension, HealthCheck, Host, Link, Parts

_QUESTION = "Have a voucher from your employer?"


def _tables(address: str) -> ExtensionTables:
    from coursetill_vouchers.records import tables

    return tables(address)


def _product_links(_: Learner | None, products: Collection[Product]) -> Iterable[Link]:
    return [
        Link(_QUESTION, f"/vouchers/?course={quote(product.readable_id)}")
        for product in products
        if isinstance(product.sells, CourseRun)
    ]


def _basket_links(_: Learner | None, products: Collection[Product]) -> Iterable[Link]:
    runs = any(isinstance(product.sells, CourseRun) for product in products)
    return [Link(_QUESTION, "/vouchers/")] if runs else []


def _open(host: Host) -> Parts:
    # Imported here, because commands that do not use it start in half the time.
    from coursetill_vouchers.pages import pages_of
    from coursetill_vouchers.personal_data import LearnersVouchers
    from coursetill_vouchers.records import SqlVoucherRecords
    from coursetill_vouchers.redeem_voucher import Office, waiting

    tables = _tables(host.database_url)
    office = Office(SqlVoucherRecords(tables), host.begin, host.read, host.now)

    def checks() -> Iterable[HealthCheck]:
        left = len(waiting(office))
        if left:
            says = f"{left} vouchers are matched and not issued"
            yield HealthCheck("warning", says, "coursetill vouchers issue --waiting")
        else:
            yield HealthCheck("ok", "every voucher that could be issued is")

    return Parts(
        pages=pages_of(office),
        product_links=_product_links,
        basket_links=_basket_links,
        records=LearnersVouchers(tables),
        checks=checks,
        close=tables.close,
    )


EXTENSION = Extension(
    name="vouchers",
    api=API,
    open=_open,
    tables=_tables,
    commands="coursetill_vouchers.commands:vouchers",
    wording="coursetill_vouchers.wording:ENTRIES",
)
