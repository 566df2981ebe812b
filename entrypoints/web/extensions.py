"""Extensions on the web: mounts their pages and collects their links."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Flask

from core.products.product import Product
from entrypoints.composition.shop import Shop
from entrypoints.extensions.api import Link
from entrypoints.extensions.loader import ExtensionCannotBeUsed
from entrypoints.web import visitor


def mount(app: Flask, shop: Shop) -> None:
    """Mount the pages of each extension under /NAME/. Raises ExtensionCannotBeUsed.

    The rules of the shop's own pages apply: sign-in, CSRF tokens, security policy, error pages.
    """
    taken = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} | {"staff"}
    for each in shop.extensions:
        pages = each.parts.pages
        if pages is None:
            continue
        if not isinstance(pages, Blueprint):
            why = f"its pages are a {type(pages).__name__}, not a Blueprint of Flask"
            raise ExtensionCannotBeUsed(each.name, why)
        if each.name in taken:
            raise ExtensionCannotBeUsed(each.name, f"the shop has pages under /{each.name} itself")
        app.register_blueprint(pages, name=each.name, url_prefix=f"/{each.name}")


def product_links(product: Product) -> tuple[Link, ...]:
    """The extensions' links on a product page."""
    who = visitor.learner()
    return tuple(
        link
        for each in visitor.shop().extensions
        for link in each.links(each.parts.product_links, who, [product])
    )


def basket_links(products: Collection[Product]) -> tuple[Link, ...]:
    """The extensions' links on the basket page."""
    who = visitor.learner()
    return tuple(
        link
        for each in visitor.shop().extensions
        for link in each.links(each.parts.basket_links, who, products)
    )
