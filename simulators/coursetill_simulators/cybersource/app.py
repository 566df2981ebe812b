"""The simulator as a Flask application."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, make_response, request

from coursetill_simulators.cybersource.authentication.gatekeeper import Gatekeeper
from coursetill_simulators.cybersource.authentication.message_encryption import MessageEncryption
from coursetill_simulators.cybersource.clock import ShiftedClock
from coursetill_simulators.cybersource.control.actions import control
from coursetill_simulators.cybersource.control.message_faults import message_fault_control
from coursetill_simulators.cybersource.control.page import control_page
from coursetill_simulators.cybersource.control.requests import WrongCommand, refused
from coursetill_simulators.cybersource.control.webhooks import webhook_control
from coursetill_simulators.cybersource.faults.message_faults import MessageFaultQueue
from coursetill_simulators.cybersource.guards import is_loopback, refuse_production
from coursetill_simulators.cybersource.http_client import LoopbackMerchantClient, MerchantClient
from coursetill_simulators.cybersource.keys import LONG_LIVED_KEY_ID, SigningKey
from coursetill_simulators.cybersource.middleware import answer, sealed
from coursetill_simulators.cybersource.payment_pages.pages import sa_pages
from coursetill_simulators.cybersource.payment_pages.silent_post import sa_silent
from coursetill_simulators.cybersource.payments.captures import captures
from coursetill_simulators.cybersource.payments.payments import payments
from coursetill_simulators.cybersource.payments.refunds import refunds
from coursetill_simulators.cybersource.payments.voids_and_reversals import undoing
from coursetill_simulators.cybersource.registry import Registry, current_registry
from coursetill_simulators.cybersource.reports.downloads import report_downloads
from coursetill_simulators.cybersource.reports.reports import reports
from coursetill_simulators.cybersource.reports.searches import searches
from coursetill_simulators.cybersource.secure_acceptance.merchant_posts import MerchantPosts
from coursetill_simulators.cybersource.sessions.challenge_pages import challenge_pages
from coursetill_simulators.cybersource.sessions.completions import completions
from coursetill_simulators.cybersource.sessions.library import library
from coursetill_simulators.cybersource.sessions.payment_details import payment_details
from coursetill_simulators.cybersource.sessions.sessions import public_keys, sessions
from coursetill_simulators.cybersource.sessions.tokens import tokens
from coursetill_simulators.cybersource.settings import SimulatorSettings
from coursetill_simulators.cybersource.state.ledger_file import StoredState
from coursetill_simulators.cybersource.subscriptions.keys import webhook_keys
from coursetill_simulators.cybersource.subscriptions.subscriptions import webhook_subscriptions
from coursetill_simulators.cybersource.switches import Switchboard
from coursetill_simulators.cybersource.webhooks.deliveries import WebhookDeliveries
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, SessionRefused

# To add a part of CyberSource: write a module with a blueprint, and list it here.
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
    message_fault_control,
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
    http_client: MerchantClient | None = None,
) -> Flask:
    """
    A simulator for one merchant. Browsers reach it at `origin`.

    `http_client` transports its webhooks and merchant posts; `registry_of(app).send_due()` sends
    them.

    Raises `BesideProduction` if the settings contain a real CyberSource host to call, and
    ValueError if a shared secret is not base64 or a public key is not PEM.
    """
    refuse_production(settings.gateway_hosts)
    app = Flask(__name__, static_folder=None)
    registry = _registry(settings, origin=origin, now=now, pause=pause, http_client=http_client)
    registry.attached(app.extensions)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(_refuse_strangers)
    app.after_request(_correlated)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(SessionRefused, _session_refusal)
    app.register_error_handler(WrongCommand, refused)
    return app


def registry_of(app: Flask) -> Registry:
    """The registry of a simulator that `create_simulator` made."""
    with app.app_context():
        return current_registry()


def _registry(
    settings: SimulatorSettings,
    *,
    origin: str,
    now: Callable[[], datetime],
    pause: Callable[[float], None],
    http_client: MerchantClient | None,
) -> Registry:
    clock = ShiftedClock(now)
    switches = Switchboard(settings)
    envelopes = MessageEncryption(settings.mle_private_keys, settings.reply_public_keys)
    message_faults = MessageFaultQueue()
    key = SigningKey.generated(LONG_LIVED_KEY_ID)
    http_client = http_client or LoopbackMerchantClient()
    webhooks = WebhookDeliveries(
        switches=switches,
        envelopes=envelopes,
        http_client=http_client,
        message_faults=message_faults,
        now=clock,
        sign=key.signed_as,
    )
    registry = Registry(
        switches=switches,
        origin=origin,
        now=clock,
        pause=pause,
        gatekeeper=Gatekeeper(switches),
        envelopes=envelopes,
        webhooks=webhooks,
        posts=MerchantPosts(
            switches=switches, http_client=http_client, message_faults=message_faults, now=clock
        ),
        message_faults=message_faults,
        key=key,
        records=StoredState.kept_in(settings.ledger_file),
    )
    registry.ledger.add_listener(webhooks.ledger_changed)
    return registry


def _refuse_strangers() -> Response | None:
    if not is_loopback(request.remote_addr or ""):
        return make_response("The simulator talks to its own machine only.", 403)
    return None


def _correlated(reply: Response) -> Response:
    reply.headers.setdefault("v-c-correlation-id", str(uuid4()))
    return reply


def _refusal(refusal: Refusal) -> Response:
    return sealed(answer(refusal.body(written(current_registry().now())), 400))


def _session_refusal(refusal: SessionRefused) -> Response:
    correlation_id = str(uuid4())
    reply = answer(refusal.body(correlation_id), 400)
    reply.headers["v-c-correlation-id"] = correlation_id
    return reply
