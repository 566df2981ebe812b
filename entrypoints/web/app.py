"""The shop as a web application."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, url_for

from entrypoints.composition.shop import Shop
from entrypoints.composition.wording import for_learners
from entrypoints.web import (
    basket,
    catalogue,
    checkout,
    errors,
    extensions,
    gateway_scripts,
    health,
    hosted_page,
    orders,
    payment,
    refund_requests,
    security,
    sign_in,
    staff,
    template_filters,
    visitor,
    webhooks,
)
from entrypoints.web.code_guess_limit import CodeGuessLimit
from entrypoints.web.demo_sign_in import DemoSignIn
from entrypoints.web.sign_in_provider import NoSignIn, SignIn
from entrypoints.web.staff import StaffSignIn

BLUEPRINTS = (
    *(catalogue, basket, checkout, payment, orders),
    *(refund_requests, sign_in, health, webhooks),
)


def create_app(
    shop: Shop,
    sign_in_by: SignIn | None = None,
    *,
    staff_sign_in: StaffSignIn | None = None,
) -> Flask:
    """Create the web application. `sign_in_by` replaces the sign-in of the settings.

    Without `staff_sign_in` there are no pages for staff.
    """
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = security.ONE_YEAR
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    port = sign_in_by or (DemoSignIn() if shop.settings.demo_sign_in else NoSignIn())
    app.extensions[visitor.EXTENSION] = shop
    app.extensions[basket.TRIES] = CodeGuessLimit()
    app.extensions[sign_in.PORT] = port
    security.secure(app, shop.settings)
    errors.tell_errors(app)
    words = for_learners(shop.settings.time_zone, (each.extension for each in shop.extensions))
    app.extensions[visitor.WORDING] = words
    template_filters.teach(app, shop.settings.time_zone, words)
    for module in BLUEPRINTS:
        app.register_blueprint(module.pages)
    app.register_blueprint(port.pages)
    # Requests from the gateway and from its page carry no CSRF token of ours.
    app.extensions["csrf"].exempt(webhooks.pages)
    returns = hosted_page.pages_of(shop)
    app.register_blueprint(returns)
    app.extensions["csrf"].exempt(returns)
    gateway_scripts.register(app, shop)
    extensions.mount(app, shop)
    staff.mount(app, shop, staff_sign_in)
    _teach_pages(app, shop)
    return app


def _teach_pages(app: Flask, shop: Shop) -> None:
    """Give every template the shop's name, the signed-in learner and the file addresses."""
    folder = Path(app.static_folder or "")
    versions = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in folder.rglob("*")
        if path.is_file()
    }

    def static(name: str) -> str:
        """The address of a static file. It changes with the content, so browsers may cache it."""
        return url_for("static", filename=name, v=versions[name])

    @app.context_processor
    def pages_know() -> dict[str, object]:
        return {"settings": shop.settings, "learner": visitor.learner(), "static": static}
