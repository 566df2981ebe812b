"""Pages for staff: who may reach them, and where those of extensions are mounted."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint, Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from core.identity import Actor
from entrypoints.composition.shop import Shop
from entrypoints.extensions.loader import ExtensionCannotBeUsed
from entrypoints.web.errors import HttpProblem, wants_json
from entrypoints.web.security import keep_private

ROOT = "/staff"
_PORT = "coursetill-staff-sign-in"


class StaffSignIn(Protocol):
    """A way for staff to sign in. Its own pages are outside /staff/.

    The shop brings none: pass one to `create_app`.
    """

    @property
    def pages(self) -> Blueprint:
        """Its own pages; mounted as they are."""
        ...

    def staff(self) -> Actor | None:
        """The member of staff who sends the request under way, or None."""
        ...

    def start(self, onward: str, /) -> str:
        """The address to send a browser to, so that a member of staff signs in there and goes on to
        `onward`, a path of this shop."""
        ...


class StaffOnly(Exception):
    """Raised where a page for staff is called by nobody of the staff."""


def acting() -> Actor:
    """The member of staff who sends the request under way. Raises StaffOnly."""
    port: StaffSignIn | None = current_app.extensions.get(_PORT)
    actor = None if port is None else port.staff()
    if actor is None:
        raise StaffOnly()
    return actor


def mount(app: Flask, shop: Shop, sign_in: StaffSignIn | None) -> None:
    """Put the staff pages of each extension under /staff/NAME/. Raises ExtensionCannotBeUsed.

    Without a sign-in for staff nothing is mounted: every address under /staff/ is not found.
    """
    for each in shop.extensions:
        pages = each.parts.staff_pages
        if pages is not None and not isinstance(pages, Blueprint):
            why = f"its staff pages are a {type(pages).__name__}, not a Blueprint of Flask"
            raise ExtensionCannotBeUsed(each.name, why)
    if sign_in is None:
        return
    app.extensions[_PORT] = sign_in
    app.before_request(_check)
    app.register_error_handler(StaffOnly, _to_sign_in)
    app.register_blueprint(sign_in.pages)
    for each in shop.extensions:
        pages = each.parts.staff_pages
        if isinstance(pages, Blueprint):
            app.register_blueprint(
                pages, name=f"{each.name}-staff", url_prefix=f"{ROOT}/{each.name}"
            )


def _check() -> None:
    # By address, so that a stranger does not learn which pages there are.
    if request.path == ROOT or request.path.startswith(f"{ROOT}/"):
        acting()
        keep_private()


def _to_sign_in(_: StaffOnly) -> ResponseReturnValue:
    if wants_json() or request.method not in ("GET", "HEAD"):
        text = "Sign in as a member of staff first. Nothing was changed."
        return HttpProblem(403, "staff-only", "This is for staff", text).page()
    port: StaffSignIn = current_app.extensions[_PORT]
    return redirect(port.start(request.full_path.rstrip("?")), 303)
