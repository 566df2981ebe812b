"""The simulator as a Flask application."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from flask import Flask, Response, make_response, request

from adapters.cybersource.simulator.authentication import Gatekeeper
from adapters.cybersource.simulator.control import WrongCommand, control, refused
from adapters.cybersource.simulator.guards import is_loopback, refuse_production
from adapters.cybersource.simulator.library import library
from adapters.cybersource.simulator.payments import payments
from adapters.cybersource.simulator.refunds import refunds
from adapters.cybersource.simulator.refusals import Refusal, SessionRefused
from adapters.cybersource.simulator.searches import searches
from adapters.cybersource.simulator.sessions import public_keys, sessions
from adapters.cybersource.simulator.settings import SimulatorSettings
from adapters.cybersource.simulator.tokens import tokens
from adapters.cybersource.simulator.undoing import undoing
from adapters.cybersource.simulator.wire import answer
from adapters.cybersource.simulator.workings import Workings, here, written

# To add a part of CyberSource: a file with a blueprint, and its name here.
BLUEPRINTS = (
    sessions,
    public_keys,
    library,
    tokens,
    payments,
    refunds,
    undoing,
    searches,
    control,
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
) -> Flask:
    """
    A simulator for one merchant, reached by browsers at `origin`.

    Raises `BesideProduction` where the settings name a real CyberSource host as one to call, and
    ValueError where a shared secret is not base64 or a public key is not PEM.
    """
    refuse_production(settings.gateway_hosts)
    app = Flask(__name__, static_folder=None)
    Workings(
        settings=settings,
        origin=origin,
        now=now,
        pause=pause,
        gatekeeper=Gatekeeper(settings),
    ).attached(app.extensions)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(_refuse_strangers)
    app.after_request(_correlated)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(SessionRefused, _session_refusal)
    app.register_error_handler(WrongCommand, refused)
    return app


def _refuse_strangers() -> Response | None:
    if not is_loopback(request.remote_addr or ""):
        return make_response("The simulator talks to its own machine only.", 403)
    return None


def _correlated(reply: Response) -> Response:
    reply.headers.setdefault("v-c-correlation-id", str(uuid4()))
    return reply


def _refusal(refusal: Refusal) -> Response:
    return answer(refusal.body(written(here().now())), 400)


def _session_refusal(refusal: SessionRefused) -> Response:
    correlation_id = str(uuid4())
    reply = answer(refusal.body(correlation_id), 400)
    reply.headers["v-c-correlation-id"] = correlation_id
    return reply
