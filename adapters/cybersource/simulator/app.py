"""The simulator as a Flask application."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, make_response, request

from adapters.cybersource.simulator.books.journal import Books
from adapters.cybersource.simulator.clocks import ShiftedClock
from adapters.cybersource.simulator.control.commands import WrongCommand, refused
from adapters.cybersource.simulator.control.happenings import control
from adapters.cybersource.simulator.control.mishaps import mishap_control
from adapters.cybersource.simulator.control.page import control_page
from adapters.cybersource.simulator.control.webhooks import webhook_control
from adapters.cybersource.simulator.couriers import Courier, LoopbackCourier
from adapters.cybersource.simulator.door.authentication import Gatekeeper
from adapters.cybersource.simulator.door.envelopes import Envelopes
from adapters.cybersource.simulator.guards import is_loopback, refuse_production
from adapters.cybersource.simulator.hosted.pages import sa_pages
from adapters.cybersource.simulator.hosted.silent import sa_silent
from adapters.cybersource.simulator.keys import LONG_LIVED_KEY_ID, SigningKey
from adapters.cybersource.simulator.mishaps.twists import TwistQueue
from adapters.cybersource.simulator.payments.captures import captures
from adapters.cybersource.simulator.payments.payments import payments
from adapters.cybersource.simulator.payments.refunds import refunds
from adapters.cybersource.simulator.payments.undoing import undoing
from adapters.cybersource.simulator.reports.downloads import report_downloads
from adapters.cybersource.simulator.reports.reports import reports
from adapters.cybersource.simulator.reports.searches import searches
from adapters.cybersource.simulator.secure_acceptance.posts import MerchantPosts
from adapters.cybersource.simulator.sessions.challenge_pages import challenge_pages
from adapters.cybersource.simulator.sessions.completions import completions
from adapters.cybersource.simulator.sessions.library import library
from adapters.cybersource.simulator.sessions.payment_details import payment_details
from adapters.cybersource.simulator.sessions.sessions import public_keys, sessions
from adapters.cybersource.simulator.sessions.tokens import tokens
from adapters.cybersource.simulator.settings import SimulatorSettings
from adapters.cybersource.simulator.subscriptions.keys import webhook_keys
from adapters.cybersource.simulator.subscriptions.subscriptions import webhook_subscriptions
from adapters.cybersource.simulator.switches import Switchboard
from adapters.cybersource.simulator.webhooks.deliveries import Webhooks
from adapters.cybersource.simulator.wire import answer, sealed
from adapters.cybersource.simulator.words.moments import written
from adapters.cybersource.simulator.words.refusals import Refusal, SessionRefused
from adapters.cybersource.simulator.workings import Workings, here

# To add a part of CyberSource: a file with a blueprint, and its name here.
BLUEPRINTS = (
    sessions,
    public_keys,
    library,
    tokens,
    completions,
    challenge_pages,
    payment_details,
    payments,
    captures,
    refunds,
    undoing,
    searches,
    reports,
    report_downloads,
    webhook_subscriptions,
    webhook_keys,
    sa_pages,
    sa_silent,
    control_page,
    control,
    webhook_control,
    mishap_control,
)
DEFAULT_ORIGIN = "http://127.0.0.1:8090"


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_simulator(
    settings: SimulatorSettings,
    *,
    origin: str = DEFAULT_ORIGIN,
    now: Callable[[], datetime] = _utc_now,
    pause: Callable[[float], None] = time.sleep,
    courier: Courier | None = None,
) -> Flask:
    """
    A simulator for one merchant, reached by browsers at `origin`.

    `courier` carries its webhooks and merchant posts; `workings_of(app).send_due()` sends them.

    Raises `BesideProduction` where the settings name a real CyberSource host as one to call, and
    ValueError where a shared secret is not base64 or a public key is not PEM.
    """
    refuse_production(settings.gateway_hosts)
    app = Flask(__name__, static_folder=None)
    workings = _workings(settings, origin=origin, now=now, pause=pause, courier=courier)
    workings.attached(app.extensions)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(_refuse_strangers)
    app.after_request(_correlated)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(SessionRefused, _session_refusal)
    app.register_error_handler(WrongCommand, refused)
    return app


def workings_of(app: Flask) -> Workings:
    """What works inside a simulator that `create_simulator` made."""
    with app.app_context():
        return here()


def _workings(
    settings: SimulatorSettings,
    *,
    origin: str,
    now: Callable[[], datetime],
    pause: Callable[[float], None],
    courier: Courier | None,
) -> Workings:
    clock = ShiftedClock(now)
    switches = Switchboard(settings)
    envelopes = Envelopes(settings.mle_private_keys, settings.reply_public_keys)
    twists = TwistQueue()
    key = SigningKey.generated(LONG_LIVED_KEY_ID)
    courier = courier or LoopbackCourier()
    webhooks = Webhooks(
        switches=switches,
        envelopes=envelopes,
        courier=courier,
        twists=twists,
        now=clock,
        sign=key.signed_as,
    )
    workings = Workings(
        switches=switches,
        origin=origin,
        now=clock,
        pause=pause,
        gatekeeper=Gatekeeper(switches),
        envelopes=envelopes,
        webhooks=webhooks,
        posts=MerchantPosts(switches=switches, courier=courier, twists=twists, now=clock),
        twists=twists,
        key=key,
        books=Books.kept_in(settings.books),
    )
    workings.ledger.tell(webhooks.heard)
    return workings


def _refuse_strangers() -> Response | None:
    if not is_loopback(request.remote_addr or ""):
        return make_response("The simulator talks to its own machine only.", 403)
    return None


def _correlated(reply: Response) -> Response:
    reply.headers.setdefault("v-c-correlation-id", str(uuid4()))
    return reply


def _refusal(refusal: Refusal) -> Response:
    return sealed(answer(refusal.body(written(here().now())), 400))


def _session_refusal(refusal: SessionRefused) -> Response:
    correlation_id = str(uuid4())
    reply = answer(refusal.body(correlation_id), 400)
    reply.headers["v-c-correlation-id"] = correlation_id
    return reply
