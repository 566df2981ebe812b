"""The shop as a web application."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, url_for

from entrypoints.composition.shop import Shop
from entrypoints.web import (
    basket,
    catalogue,
    checkout,
    errors,
    extensions,
    health,
    hosted_page,
    orders,
    payment,
    refund_requests,
    security,
    sign_in,
    template_filters,
    visitor,
    webhooks,
)
from entrypoints.web.code_guess_limit import CodeGuessLimit
from entrypoints.web.demo_sign_in import DemoSignIn
from entrypoints.web.sign_in_provider import NoSignIn, SignIn

BLUEPRINTS = (
    *(catalogue, basket, checkout, payment, orders),
    *(refund_requests, sign_in, health, webhooks),
)


def create_app(shop: Shop, sign_in_by: SignIn | None = None) -> Flask:
    """The web application of shop; without a way to sign in, the one that its settings name."""
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = security.ONE_YEAR
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    port = sign_in_by or (DemoSignIn() if shop.settings.demo_sign_in else NoSignIn())
    app.extensions[visitor.EXTENSION] = shop
    app.extensions[basket.TRIES] = CodeGuessLimit()
    app.extensions[sign_in.PORT] = port
    security.secure(app, shop.settings)
    errors.tell_errors(app)
    template_filters.teach(app, shop.settings.time_zone)
    for module in BLUEPRINTS:
        app.register_blueprint(module.pages)
    app.register_blueprint(port.pages)
    # The gateway, and whoever comes from its page, has no form of ours.
    app.extensions["csrf"].exempt(webhooks.pages)
    if shop.pages is not None:
        app.register_blueprint(hosted_page.pages)
        app.extensions["csrf"].exempt(hosted_page.pages)
    extensions.mount(app, shop)
    _teach_pages(app, shop)
    return app


def _teach_pages(app: Flask, shop: Shop) -> None:
    """Tell every template the shop's name, who is signed in, and where files are."""
    folder = Path(app.static_folder or "")
    versions = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in folder.rglob("*")
        if path.is_file()
    }

    def static(name: str) -> str:
        """The address of a file that changes when the file does, so that it can be kept."""
        return url_for("static", filename=name, v=versions[name])

    @app.context_processor
    def pages_know() -> dict[str, object]:
        return {"settings": shop.settings, "learner": visitor.learner(), "static": static}
