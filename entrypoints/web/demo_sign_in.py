"""The demo's sign-in: it accepts any name without proof."""

from __future__ import annotations

import hashlib
import unicodedata

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.identity import Learner, LearnerId
from entrypoints.web.security import keep_private
from entrypoints.web.sign_in import complete, own_path

LONGEST_NAME = 80


def demo_learner(name: str) -> Learner:
    """The learner of a name. Case and spaces do not matter."""
    name = " ".join(unicodedata.normalize("NFC", name).split())[:LONGEST_NAME]
    digest = hashlib.sha256(name.casefold().encode()).hexdigest()[:12]
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.casefold())
    mailbox = "-".join(part for part in letters.split("-") if part) or digest
    address = f"{mailbox}@example.org"
    return Learner(LearnerId(f"demo-{digest}"), address, name, email_verified=True)


class DemoSignIn:
    """Signs anybody in under any name. Mounted only if the settings say so."""

    def __init__(self) -> None:
        self.pages = Blueprint("demo_sign_in", __name__)
        self.pages.add_url_rule("/sign-in/demo", view_func=self.ask, methods=["GET"])
        self.pages.add_url_rule("/sign-in/demo", view_func=self.answer, methods=["POST"])

    def start(self, onward: str, /) -> str:
        return url_for("demo_sign_in.ask", next=onward)

    @staticmethod
    def ask() -> str:
        return _page()

    @staticmethod
    def answer() -> ResponseReturnValue:
        name = request.form.get("name", "")
        if not any(c.isalnum() for c in name):
            return _page(missing=True), 422
        return complete(demo_learner(name), request.form.get("next", ""))


def _page(*, missing: bool = False) -> str:
    keep_private()
    return render_template(
        "demo_sign_in.html", onward=own_path(request.values.get("next", "")), missing=missing
    )
