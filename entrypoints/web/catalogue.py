"""Pages of the catalogue: search products, show one."""

from __future__ import annotations

import re
from typing import Any

import attrs
from flask import Blueprint, abort, render_template, request, url_for

from core.errors import ShopError
from core.products.product import Listing, Sku
from core.products.search import CatalogueCounts, CatalogueSearch, ProductKind
from entrypoints.web import visitor
from entrypoints.web.extensions import product_links
from entrypoints.web.product_page import product_page_of

pages = Blueprint("catalogue", __name__)

PAGE = 20
LONGEST_TEXT = 100


@attrs.frozen
class CatalogueQuery:
    """The search in the address bar."""

    q: str = ""
    kind: ProductKind | None = None
    open: bool = False
    page: int = 1

    @classmethod
    def of_request(cls) -> CatalogueQuery:
        kind = request.args.get("kind", "")
        page = request.args.get("page", "1")
        if not re.fullmatch(r"[1-9]\d{0,4}", page, re.ASCII):
            abort(404)
        kinds = {kind.value: kind for kind in ProductKind}
        text = " ".join(request.args.get("q", "").split())[:LONGEST_TEXT]
        return cls(text, kinds.get(kind), request.args.get("open") == "1", int(page))

    def search(self) -> CatalogueSearch:
        return CatalogueSearch(
            visitor.shop().now(), self.q, self.kind, self.open, (self.page - 1) * PAGE, PAGE
        )

    def address(self, **changes: Any) -> str:
        """The address of this search with changes, starting at the first page."""
        asked = attrs.evolve(self, **{"page": 1, **changes})
        values = {
            "q": asked.q or None,
            "kind": asked.kind.value if asked.kind else None,
            "open": "1" if asked.open else None,
            "page": asked.page if asked.page > 1 else None,
        }
        return url_for("catalogue.search", **values)  # type: ignore[arg-type]  # None is left out


@attrs.frozen
class CatalogueFilter:
    """A link that narrows the list, with the number of products it leaves."""

    label: str
    address: str
    count: int
    chosen: bool


@pages.get("/")
def search() -> str:
    """Show the products of the search."""
    asked = CatalogueQuery.of_request()
    wanted = asked.search()
    with visitor.shop().read() as work:
        found = work.products.search(wanted)
    count = found.counts.found(asked.kind, asked.open)
    last = max(1, -(-count // PAGE))
    if asked.page > last:
        abort(404)
    return render_template(
        "catalogue.html",
        asked=asked,
        at=wanted.at,
        products=found.products,
        count=count,
        last=last,
        kinds=_kind_filters(asked, found.counts),
        windows=_window_filters(asked, found.counts),
    )


def _kind_filters(asked: CatalogueQuery, counts: CatalogueCounts) -> list[CatalogueFilter]:
    labels = {
        None: "Everything",
        ProductKind.PROGRAM: "Programs",
        ProductKind.COURSE_RUN: "Course runs",
    }
    return [
        CatalogueFilter(
            label, asked.address(kind=kind), counts.found(kind, asked.open), kind is asked.kind
        )
        for kind, label in labels.items()
    ]


def _window_filters(asked: CatalogueQuery, counts: CatalogueCounts) -> list[CatalogueFilter]:
    return [
        CatalogueFilter(
            label, asked.address(open=only), counts.found(asked.kind, only), only is asked.open
        )
        for only, label in ((False, "At any time"), (True, "Open now"))
    ]


@pages.get("/products/<sku>")
def product(sku: str) -> str:
    return product_page(Sku.of(sku))


def product_page(sku: Sku, error: ShopError | None = None) -> str:
    """A product's page, with the reason if it was not added. Raises UnknownProduct."""
    shop = visitor.shop()
    with shop.read() as work:
        shown = product_page_of(work, sku, visitor.shopper(), at=shop.now(), sources=shop.sources)
    withdrawn = shown.product.listing is Listing.WITHDRAWN
    links = product_links(shown.product)
    return render_template(
        "product.html", shown=shown, withdrawn=withdrawn, links=links, error=error
    )
