"""The browser library, the card frame, and the frame's files."""

import base64
import hashlib
from importlib.resources import files

from flask import Blueprint, Response, make_response, render_template, request

from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.sessions.generations import MICROFORM, V0, V1
from coursetill_simulators.cybersource.state.outcomes import (
    ACCEPTED_CARDS,
    AMOUNTS,
    CARDS,
    DECLINED_POSTAL_CODE,
    OUTCOMES,
)
from coursetill_simulators.cybersource.state.vault import Session
from coursetill_simulators.cybersource.wire_format.amounts import shown

library = Blueprint("library", __name__)

_ASSETS = files("coursetill_simulators.cybersource") / "assets"
_LIBRARIES = {
    generation.library: (_ASSETS / file).read_bytes()
    for generation, file in (
        (V1, "UnifiedCheckout.js"),
        # One file supports both versions.
        (V0, "UnifiedCheckout.js"),
        (MICROFORM, "flex-microform.js"),
    )
}

_FRAME_FILES = {
    "challenge.js": "text/javascript",
    "frame.js": "text/javascript",
    "return.js": "text/javascript",
    "simulator.css": "text/css",
}


def integrity_of(path: str) -> str:
    """The integrity of the library at `path`."""
    return f"sha256-{base64.b64encode(hashlib.sha256(_LIBRARIES[path]).digest()).decode()}"


@library.get(V1.library)
@library.get(V0.library)
@library.get(MICROFORM.library)
def client_library() -> Response:
    """The library; its bytes match `clientLibraryIntegrity`."""
    reply = make_response(
        _LIBRARIES[request.path], 200, {"Content-Type": "text/javascript; charset=utf-8"}
    )
    # Without these a page cannot load it with integrity and crossorigin="anonymous".
    reply.headers["Access-Control-Allow-Origin"] = "*"
    reply.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return reply


@library.get("/simulator/assets/<name>")
def asset(name: str) -> Response:
    """A script or style of the simulator's own pages."""
    if name not in _FRAME_FILES:
        return make_response("There is no such file.", 404)
    content = (_ASSETS / name).read_bytes()
    kind = f"{_FRAME_FILES[name]}; charset=utf-8"
    return make_response(content, 200, {"Content-Type": kind, "Cache-Control": "no-store"})


@library.get("/uc/v1/frame")
def frame() -> Response:
    """The card form. Only pages of the session's target origins may show it."""
    registry = current_registry()
    session = registry.vault.session(request.args.get("session", ""))
    parent = request.args.get("parent", "")
    asker = {"parent": parent, "nonce": request.args.get("nonce", "")}
    if session is None or not session.priced or parent not in session.target_origins:
        return _page("ended.html", 400, frame_ancestors="'none'", why="unknown")
    ancestors = " ".join(session.target_origins)
    if session.ended(registry.now()):
        return _page("ended.html", 410, frame_ancestors=ancestors, why="expired", **asker)
    return _page(
        "frame.html",
        200,
        frame_ancestors=ancestors,
        **asker,
        amount=shown(session.amount, session.currency),
        billing=_billing(session),
        networks=session.request.get("allowedCardNetworks", []),
        accepted_cards=ACCEPTED_CARDS,
        other_cards={number: OUTCOMES[name].says for number, name in CARDS.items()},
        amounts={amount: OUTCOMES[name].says for amount, name in AMOUNTS.items()},
        declined_postal_code=DECLINED_POSTAL_CODE,
    )


def _billing(session: Session) -> dict[str, str] | None:
    """Known fields of the payer, or None if the mandate does not request the payer."""
    if session.request["captureMandate"].get("billingType") == "NONE":
        return None
    known = session.order.get("billTo") or {}
    name = f"{known.get('firstName', '')} {known.get('lastName', '')}".strip()
    return {
        "name": name,
        "postalCode": known.get("postalCode", ""),
        "country": known.get("country") or session.request["country"],
    }


def _page(template: str, status: int, *, frame_ancestors: str, **values: object) -> Response:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "frame-src 'self'; "
        f"img-src 'self' data:; form-action 'none'; frame-ancestors {frame_ancestors}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return make_response(render_template(template, **values), status, headers)
