"""Sign-in and sign-out. The provider identifies the learner; this module does the rest."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from core.baskets.basket import Merge
from core.identity import Learner
from core.use_cases.shopping.basket import merge_visitor_basket
from entrypoints.web import visitor
from entrypoints.web.sign_in_provider import SignIn

pages = Blueprint("sign_in", __name__)

PORT = "coursetill-sign-in"
MOST_NAMED = 20


@pages.get("/sign-in")
def start() -> ResponseReturnValue:
    """Redirect to the identity provider, or straight on if already signed in."""
    onward = own_path(request.args.get("next", ""))
    if visitor.learner() is not None:
        return redirect(onward, 303)
    port: SignIn = current_app.extensions[PORT]
    return redirect(port.start(onward), 303)


@pages.post("/sign-out")
def out() -> ResponseReturnValue:
    visitor.end_session()
    return redirect(url_for("catalogue.search"), 303)


def complete(learner: Learner, onward: str) -> ResponseReturnValue:
    """Sign a learner in, merge their visitor basket, and redirect to `onward`.

    If the merge added or dropped something, the next page says so.
    """
    anonymous = visitor.visitor()
    onward = own_path(onward)
    if anonymous is not None:
        merge = merge_visitor_basket(anonymous, learner, begin=visitor.shop().begin)
        if merge.added or merge.dropped or merge.dropped_codes:
            onward = _with_changes(onward, merge)
    visitor.begin_session(learner)
    return redirect(onward, 303)


def _with_changes(onward: str, merge: Merge) -> str:
    """The address of the basket or review page, with what was added and dropped."""
    pages = [url_for("shopping.basket"), url_for("checkout.review")]
    path = onward if onward in pages else pages[0]
    changes = {
        "added": [item.sku.text for item in merge.added],
        "dropped": [item.sku.text for item in merge.dropped],
        "codes": [code.text for code in merge.dropped_codes],
    }
    named = {name: ",".join(texts[:MOST_NAMED]) for name, texts in changes.items() if texts}
    return f"{path}?{urlencode(named, safe=',')}"


def own_path(text: str) -> str:
    """The path in text if it belongs to this shop, otherwise the catalogue's path.

    It refuses backslashes, which browsers read as slashes, and characters that cannot be printed,
    because browsers drop tabs and line ends.
    """
    ours = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if ours and text.isprintable() else url_for("catalogue.search")
