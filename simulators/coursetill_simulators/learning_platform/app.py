"""The demo's learning platform: receives signed events, and shows enrolments."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import attrs
from flask import Flask, Response, make_response, redirect, render_template, request

from coursetill_simulators.learning_platform.enrolments import Enrolments
from coursetill_simulators.learning_platform.signing import is_genuine, key_of
from coursetill_simulators.serving.loopback import LoopbackServer

_LARGEST_EVENT = 1_000_000
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_platform(
    secret: str, *, now: Callable[[], datetime] = _utc_now, enrolments: Enrolments | None = None
) -> Flask:
    """
    The platform as a Flask application: events at /events, the page at /.

    Raises ValueError if the secret is invalid.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_EVENT
    context = _PlatformViews(key_of(secret), now, enrolments or Enrolments())
    app.add_url_rule("/", "page", context.page)
    app.add_url_rule("/events", "events", context.take, methods=["POST"])
    app.add_url_rule("/failing", "failing", context.fail, methods=["POST"])
    return app


@attrs.frozen
class _PlatformViews:
    """Receives events and shows their results, unless it is set to fail."""

    key: bytes = attrs.field(repr=False)
    now: Callable[[], datetime]
    enrolments: Enrolments
    failing: Event = attrs.field(factory=Event, init=False)

    def take(self) -> Response:
        """Receive one event: 200 after it is stored."""
        if self.failing.is_set():
            return _said("out of order, as its page says", 503)
        body = request.get_data()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not is_genuine(headers, body, key=self.key, at=self.now()):
            return _said("the signature is wrong", 401)
        try:
            event = json.loads(body)
            if event.get("id") != headers["webhook-id"]:
                return _said("the id in the header is another", 400)
            new = self.enrolments.take(event)
        except (ValueError, AttributeError) as unreadable:
            return _said(str(unreadable), 400)
        return _said("taken" if new else "had it before", 200)

    def page(self) -> Response:
        """Show the enrolments of every learner."""
        page = render_template(
            "platform.html",
            learners=self.enrolments.by_learner(),
            failing=self.failing.is_set(),
        )
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
        return make_response(page, 200, headers)

    def fail(self) -> Response:
        """Make the platform fail, or let it work again."""
        # Refuse requests of pages from other origins.
        own = request.host_url.rstrip("/")
        if request.headers.get("Origin", own) != own:
            return _said("only the platform's own page may do this", 403)
        if request.form.get("failing") == "yes":
            self.failing.set()
        else:
            self.failing.clear()
        return make_response(redirect("/", 303))


def _said(text: str, status: int) -> Response:
    return make_response(text, status, {"Content-Type": "text/plain; charset=utf-8"})


class RunningPlatform(LoopbackServer):
    """
    Runs the platform on a loopback port, in a context. Port 0 picks a free port.

    Raises OSError if the port is taken.
    """

    def __init__(
        self, secret: str, *, port: int = 0, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self.enrolments = Enrolments()
        super().__init__(
            lambda _: create_platform(secret, now=now, enrolments=self.enrolments),
            name="learning-platform",
            port=port,
        )

    @property
    def events_url(self) -> str:
        """The URL for events."""
        return f"{self.url}/events"
