"""The health check for operators."""

from __future__ import annotations

import logging

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from core.errors import Unavailable
from core.products.product import Sku
from entrypoints.web import visitor

pages = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@pages.get("/healthz")
def check() -> ResponseReturnValue:
    """200 if the database answers, else 503."""
    try:
        with visitor.shop().read() as work:
            work.products.among({Sku("healthz")})
    except Unavailable as error:
        log.warning("not healthy: %s", error)
        return jsonify(status="unavailable", detail=visitor.wording().sentence(error)), 503
    return jsonify(status="ok")
