"""The page for alumni."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from coursetill_alumni.members import Members
from entrypoints.extensions.api import Host
from entrypoints.web import visitor


def pages_of(members: Members, host: Host) -> Blueprint:
    pages = Blueprint("alumni", __name__, template_folder="templates")

    @pages.get("/")
    def show() -> str:
        learner = visitor.signed_in()
        return render_template("alumni/join.html", since=members.since(learner.email))

    @pages.post("/")
    def join() -> ResponseReturnValue:
        members.add(visitor.signed_in().email, host.now())
        return redirect(url_for("alumni.show"), 303)

    return pages
