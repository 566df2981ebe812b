"""The port to whoever knows who learners are, and what stands there where nobody does."""

from __future__ import annotations

from typing import Protocol

from flask import Blueprint, render_template, url_for


class SignIn(Protocol):
    """A way to sign in.

    Once it knows who somebody is, one of its pages returns `sign_in.complete(learner, onward)`.
    """

    @property
    def pages(self) -> Blueprint:
        """Its own pages; mounted as they are."""
        ...

    def start(self, onward: str, /) -> str:
        """The address to send a browser to, so that it comes back signed in and goes on to
        `onward`, a path of this shop."""
        ...


class NoSignIn:
    """Stands where no way to sign in is set up: the shop can be looked at, and not bought from."""

    def __init__(self) -> None:
        self.pages = Blueprint("no_sign_in", __name__)
        self.pages.add_url_rule("/sign-in/not-set-up", view_func=self.not_set_up)

    def start(self, onward: str, /) -> str:
        return url_for("no_sign_in.not_set_up")

    @staticmethod
    def not_set_up() -> str:
        return render_template("not_set_up.html")
