"""
The session token (capture context): its claims, as in the only documented real sample.

The sample is of v0; docs/simulator.md lists the assumptions for v1.
"""

from datetime import datetime
from typing import Any

from coursetill_simulators.cybersource.sessions.library import integrity_of
from coursetill_simulators.cybersource.state.vault import Session

FRAME_PATH = "/uc/v1/frame"


def capture_context(session: Session, now: datetime, origin: str) -> dict[str, Any]:
    """The claims of `session`, made at `now`. Browsers reach the simulator at `origin`."""
    return {
        "flx": _flex(session, origin),
        "ctx": [{"type": session.context_type, "data": _checkout(session, origin)}],
        "iss": "Flex API",
        "iat": int(now.timestamp()),
        "exp": int(session.expires_at.timestamp()),
        "jti": session.id,
    }


def _flex(session: Session, origin: str) -> dict[str, Any]:
    return {
        "path": "/flex/v2/tokens",
        "data": f"simulated-{session.id}",
        "origin": origin,
        "completePath": "/flex/v2/complete",
        "completeUrl": f"{origin}/flex/v2/complete",
        "authenticationSetupPath": "/flex/v2/external-sessions/sca",
        "transientTokenOperations": [],
        "jwk": session.key.public("enc"),
    }


def _checkout(session: Session, origin: str) -> dict[str, Any]:
    return {
        **session.request,
        **({"orderInformation": session.order} if session.priced else {}),
        "clientLibrary": f"{origin}{session.library}",
        "clientLibraryIntegrity": integrity_of(session.library),
        "serviceOrigin": origin,
        "assetsPath": session.library.rsplit("/", 1)[0],
        "iframes": {"mce": FRAME_PATH},
    }
