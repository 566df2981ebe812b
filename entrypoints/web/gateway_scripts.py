"""The card form scripts of the gateways, each served from its gateway's package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import attrs
from flask import Blueprint, Flask, abort, current_app, send_file, url_for
from flask.typing import ResponseReturnValue

from entrypoints.composition.shop import Shop

pages = Blueprint("gateway_scripts", __name__)

EXTENSION = "gateway_scripts"


@attrs.frozen
class CardFormScript:
    """A script file, and a version that changes with its content."""

    path: Path
    version: str


def register(app: Flask, shop: Shop) -> None:
    """Serve the script of each gateway of the shop. Raises OSError if a file is missing."""
    app.extensions[EXTENSION] = {
        each.name: _script(each.opened.browser.script)
        for each in shop.gateways
        if each.opened.browser is not None
    }
    app.register_blueprint(pages)


def _script(path: Path) -> CardFormScript:
    return CardFormScript(path, hashlib.sha256(path.read_bytes()).hexdigest()[:12])


def script_address(gateway: str) -> str | None:
    """The address of this gateway's card form script; None without one."""
    script = _scripts().get(gateway)
    if script is None:
        return None
    return url_for("gateway_scripts.script", gateway=gateway, v=script.version)


@pages.get("/gateways/<gateway>/card-form.js")
def script(gateway: str) -> ResponseReturnValue:
    found = _scripts().get(gateway)
    if found is None:
        abort(404)
    return send_file(found.path, mimetype="text/javascript")


def _scripts() -> Mapping[str, CardFormScript]:
    found: Mapping[str, CardFormScript] = current_app.extensions[EXTENSION]
    return found
