"""The port to an identity provider, and its stand-in when none is set up."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint, render_template, url_for


class SignIn(Protocol):
    """A way to sign in.

    After it has identified a learner, one of its pages returns `sign_in.complete(learner, onward)`.
    """

    @property
    def pages(self) -> Blueprint:
        """Its pages, mounted as they are."""
        ...

    def start(self, onward: str, /) -> str:
        """The address that starts the sign-in. Afterwards the browser goes on to `onward`, a path
        of this shop."""
        ...


class NoSignIn:
    """No sign-in is set up. Visitors can browse the shop but not buy."""

    def __init__(self) -> None:
        self.pages = Blueprint("no_sign_in", __name__)
        self.pages.add_url_rule("/sign-in/not-set-up", view_func=self.not_set_up)

    def start(self, onward: str, /) -> str:
        return url_for("no_sign_in.not_set_up")

    @staticmethod
    def not_set_up() -> str:
        return render_template("not_set_up.html")
