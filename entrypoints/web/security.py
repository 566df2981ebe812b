"""Security of the pages: headers, cookies, limits, and protection against forged forms."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request, session
from flask_wtf.csrf import CSRFProtect

from entrypoints.gateways.api import PagePolicy
from entrypoints.settings.shop import Settings

LARGEST_REQUEST = 64 * 1024
"""Bytes. The largest form has a token of about three thousand."""

MOST_FIELDS = 200
SESSION_LASTS = timedelta(days=14)
ONE_YEAR = 365 * 24 * 3600

FROM_OUTSIDE = frozenset({"hosted_paying", "webhooks"})
"""Pages without cookie and CSRF token: a signature over the raw body protects them."""


CACHEABLE_FILES = frozenset({"static", "gateway_scripts.script"})
"""Endpoints of files whose address changes with their content. Anybody may cache them."""

_NO_CARD_FORM = PagePolicy()


class NotOurHost(Exception):
    """The request has a host name that is not the shop's."""


def secure(app: Flask, settings: Settings) -> None:
    """Apply all of this module to the app."""
    app.config.update(
        SECRET_KEY=settings.secret_key or secrets.token_hex(32),
        SESSION_COOKIE_NAME="__Host-shop" if settings.https else "shop",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # Anybody may cache a static file, so its response must not contain a session cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_LASTS,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=MOST_FIELDS,
        # A CSRF token lasts as long as its session. Payment pages send no referrer, so none is
        # required.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    hosts = None if settings.demo_sign_in else _names_of(settings.shop_url)

    @app.before_request
    def check_request() -> None:
        if hosts is not None and request.endpoint != "health.check" and request.host not in hosts:
            raise NotOurHost(request.host)
        if request.blueprint not in FROM_OUTSIDE:
            _refuse_null_characters()

    CSRFProtect(app)

    @app.after_request
    def add_headers(response: Response) -> Response:
        _add_headers(response, https=settings.https)
        return response

    @app.context_processor
    def nonce_for_templates() -> dict[str, object]:
        return {"nonce": nonce}


def nonce() -> str:
    """The nonce for the scripts of this page, created on first use."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    found: str = g.nonce
    return found


def allow_card_form(policy: PagePolicy) -> None:
    """Allow what the gateway's card form needs, on this page only."""
    g.card_form = policy


def allow_form_to(address: str) -> None:
    """Allow forms to this address, on this page only."""
    g.forms_to = _origins([address])


def keep_private() -> None:
    """Forbid every cache to store this page, which is personal."""
    g.private = True


def send_no_referrer() -> None:
    """Send no referrer: pages that are opened from this page do not learn its address."""
    g.no_referrer = True


def _names_of(shop_url: str) -> frozenset[str]:
    parts = urlsplit(shop_url)
    port = {"http": 80, "https": 443}[parts.scheme] if parts.port is None else parts.port
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    usual = port == {"http": 80, "https": 443}[parts.scheme]
    return frozenset({f"{host}:{port}"} | ({host} if usual else set()))


def _refuse_null_characters() -> None:
    """Refuse null characters: databases cannot store them, and nobody can type them."""
    if "\0" in request.path:
        abort(404)
    for values in (request.args, request.form):
        if any("\0" in text for pair in values.items(multi=True) for text in pair):
            abort(400)


def _origins(addresses: Iterable[str]) -> tuple[str, ...]:
    """The web origins of these addresses, without duplicates."""
    parts = (urlsplit(address) for address in addresses)
    web = (p for p in parts if p.scheme in ("http", "https") and p.netloc)
    return tuple(dict.fromkeys(f"{p.scheme}://{p.netloc}" for p in web))


def _policy() -> str:
    scripts = [f"'nonce-{g.nonce}'"] if "nonce" in g else []
    form: PagePolicy = g.get("card_form", _NO_CARD_FORM)
    directives = {
        "default-src": ["'none'"],
        "script-src": [*scripts, *_origins(form.scripts)] or ["'none'"],
        "style-src": ["'self'", *_origins(form.styles)],
        "font-src": ["'self'"],
        "img-src": ["'self'", *_origins(form.images)],
        "connect-src": _origins(form.connections) or ["'none'"],
        "frame-src": _origins(form.frames) or ["'none'"],
        "form-action": ["'self'", *g.get("forms_to", ())],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _permissions(form: PagePolicy) -> str:
    """The Permissions-Policy: these features are off, unless the card form needs them."""
    allowed = dict.fromkeys(("camera", "geolocation", "microphone"), "()")
    for feature, addresses in form.permissions.items():
        sources = ['"' + origin + '"' for origin in _origins(addresses)]
        allowed[feature] = f"({' '.join(['self', *sources])})"
    return ", ".join(f"{feature}={sources}" for feature, sources in allowed.items())


def _add_headers(response: Response, *, https: bool) -> None:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy()
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer" if "no_referrer" in g else "same-origin"
    form: PagePolicy = g.get("card_form", _NO_CARD_FORM)
    headers["Cross-Origin-Opener-Policy"] = form.opener
    headers["Permissions-Policy"] = _permissions(form)
    if https:
        headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"
    if request.endpoint not in CACHEABLE_FILES:
        personal = "private" in g or request.method != "GET" or "learner" in session
        headers["Cache-Control"] = "no-store" if personal else "private, no-cache"
