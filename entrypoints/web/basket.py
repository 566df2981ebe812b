"""Pages of the basket: show it, add and remove products, enter codes."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import timedelta

import attrs
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from core.baskets.basket import MOST_CODES
from core.discount_code import DiscountCode, NotACode
from core.discounts.discount import UnknownCode
from core.errors import Refused, ShopError
from core.identity import Learner, Shopper
from core.products.product import Product, Sku
from core.use_cases.shopping.basket import (
    NotInBasket,
    ShownBasket,
    add_to_basket,
    enter_code,
    remove_code,
    remove_from_basket,
    show_basket,
)
from entrypoints.web import visitor
from entrypoints.web.catalogue import product_page
from entrypoints.web.code_guess_limit import CodeGuessLimit
from entrypoints.web.errors import shown_again
from entrypoints.web.extensions import basket_links
from entrypoints.web.security import keep_private

pages = Blueprint("shopping", __name__)

TRIES = "coursetill-code-tries"
MOST_NAMED = 20


@attrs.frozen
class MergeNotice:
    """What the merge at sign-in added and dropped, for the next page to show."""

    added: tuple[Product, ...] = ()
    dropped: tuple[Product, ...] = ()
    codes: tuple[str, ...] = ()


@pages.get("/basket")
def basket() -> ResponseReturnValue:
    """Show the basket. Codes in the address are entered first."""
    codes = [text for text in request.args.getlist("code")[:MOST_CODES] if text]
    return _enter(*codes) if codes else basket_page()


@pages.post("/basket/items")
def put_in() -> ResponseReturnValue:
    shop = visitor.shop()
    sku = Sku.of(request.form.get("sku", ""))
    runs = frozenset(Sku.of(text) for text in _picked())
    try:
        add_to_basket(visitor.remembered_shopper(), sku, runs, begin=shop.begin, now=shop.now())
    except Refused as refusal:
        error = refusal  # The name of an except clause is deleted at its end.
        return shown_again(error, lambda: product_page(sku, error))
    return redirect(url_for("shopping.basket", _anchor=f"item-{sku}"), 303)


def _picked() -> list[str]:
    """The runs picked for a program: one field for each course, empty for "decide later"."""
    fields = request.form.items(multi=True)
    return [text for name, text in fields if name.partition("-")[0] == "run" and text]


@pages.post("/basket/items/<sku>/remove")
def take_out(sku: str) -> ResponseReturnValue:
    # A second click finds the product removed already, which is fine.
    with suppress(NotInBasket):
        remove_from_basket(visitor.shopper(), Sku.of(sku), begin=visitor.shop().begin)
    return redirect(url_for("shopping.basket"), 303)


@pages.post("/basket/codes")
def put_code() -> ResponseReturnValue:
    return _enter(request.form.get("code", ""))


@pages.post("/basket/codes/<code>/remove")
def take_code_out(code: str) -> ResponseReturnValue:
    remove_code(visitor.shopper(), DiscountCode.of(code), begin=visitor.shop().begin)
    return redirect(url_for("shopping.basket"), 303)


def _enter(*codes: str) -> ResponseReturnValue:
    """Enter the valid codes. Returns why the first invalid one is refused."""
    shopper = visitor.remembered_shopper()
    refused = [(text, error) for text in codes if (error := _refusal(shopper, text)) is not None]
    if not refused:
        return redirect(url_for("shopping.basket", _anchor="codes"), 303)
    text, error = refused[0]
    return shown_again(error, lambda: basket_page(error, text), status=422)


def _refusal(shopper: Shopper, text: str) -> ShopError | None:
    shop = visitor.shop()
    tries: CodeGuessLimit = current_app.extensions[TRIES]
    who, address = _named(shopper), request.remote_addr or ""
    wait = tries.wait(who, address, shop.now())
    if wait is not None:
        raise _too_many(wait)
    try:
        enter_code(
            shopper,
            DiscountCode.of(text),
            begin=shop.begin,
            now=shop.now(),
            sources=shop.sources,
        )
    except (Refused, UnknownCode) as refusal:
        if isinstance(refusal, UnknownCode | NotACode):
            tries.in_vain(who, address, shop.now())
        return refusal
    return None


def _too_many(wait: timedelta) -> TooManyRequests:
    minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
    text = "one minute" if minutes == 1 else f"{minutes} minutes"
    return TooManyRequests(
        f"Too many codes that do not exist were tried. Please try again in {text}. "
        "Your basket is kept",
        retry_after=math.ceil(wait.total_seconds()),
    )


def _named(shopper: Shopper) -> str:
    return f"learner {shopper.id}" if isinstance(shopper, Learner) else shopper.id


def basket_page(error: ShopError | None = None, code: str = "") -> str:
    """The basket's page, with the reason if a code was refused."""
    shop = visitor.shop()
    shown = show_basket(
        visitor.shopper(), read=shop.read, now=shop.now(), rules=shop.rules, sources=shop.sources
    )
    keep_private()
    return render_template(
        "basket.html",
        shown=shown,
        brought=brought_along(shown),
        links=basket_links([line.product for line in shown.quote.lines]),
        error=error,
        code=code,
    )


def brought_along(shown: ShownBasket) -> MergeNotice:
    """What sign-in added and dropped, from the address, as far as the basket confirms it."""
    added, dropped, codes = (_named_in(name) for name in ("added", "dropped", "codes"))
    lines = shown.quote.lines
    there = tuple(line.product for line in lines if line.product.sku.text in added)
    gone = dropped - {line.product.sku.text for line in lines}
    full = len(shown.basket.codes) >= MOST_CODES
    left = codes - {code.text for code in shown.basket.codes} if full else set()
    return MergeNotice(there, _known(gone) if gone else (), tuple(sorted(left)))


def _named_in(name: str) -> set[str]:
    return set(request.args.get(name, "")[:2000].split(",")[:MOST_NAMED]) - {""}


def _known(skus: set[str]) -> tuple[Product, ...]:
    wanted = []
    for text in sorted(skus):
        try:
            wanted.append(Sku.of(text))
        except ShopError:
            continue
    with visitor.shop().read() as work:
        return tuple(work.products.among(wanted).values())
