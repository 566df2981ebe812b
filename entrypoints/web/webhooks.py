"""Receives the webhooks of all gateways: signed messages, read as raw bytes."""

from __future__ import annotations

import logging

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import Refused, ShopError
from core.payments.notice import NotForUs, NoticeReader, NoticeRefused
from core.use_cases.payments.process_notices import process_notice
from entrypoints.web import visitor

pages = Blueprint("webhooks", __name__)
log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
"""Bytes. A gateway's message has a few thousand."""

TRY_AGAIN_SECONDS = 60


@pages.get("/webhooks/<door>")
def ready(door: str) -> ResponseReturnValue:
    """Whether this webhook exists. For the person who sets it up, and for gateways that check."""
    _reader(door)
    return jsonify(status="ready")


@pages.post("/webhooks/<door>")
def take(door: str) -> ResponseReturnValue:
    """Store the message of a gateway and process it.

    Answers 200 if the sender has nothing left to do, 400 if the message is not genuine, and 503 if
    it could not be stored, so that the gateway sends it again.
    """
    shop, reader = visitor.shop(), _reader(door)
    request.max_content_length = LARGEST_BODY
    try:
        notice = reader.read(dict(request.headers), request.get_data(), shop.now())
    except RequestEntityTooLarge:
        return _refused(door, "too large", 413)
    except NoticeRefused as refused:
        return _refused(door, refused.why, 400)
    if isinstance(notice, NotForUs):
        log.info("webhook %s: ignored: %s", door, notice.why)
        return jsonify(status="ignored")
    try:
        message = process_notice(notice, begin=shop.begin, gateway=shop.gateway, now=shop.now())
    except Refused as refused:
        return _refused(door, str(refused), 400)
    except ShopError as error:
        log.warning("webhook %s: not stored, the gateway has to repeat it: %s", door, error)
        return jsonify(status="unavailable"), 503, {"Retry-After": str(TRY_AGAIN_SECONDS)}
    if message is None:
        log.info("webhook %s: %s received before", door, notice.code)
        return jsonify(status="heard before")
    line = "webhook %s: message %d, %s of %s, age %d s: %s, %s"
    age, state = notice.age.total_seconds(), message.state.value
    log.info(line, door, message.number, notice.event, notice.code, age, state, message.why)
    return jsonify(status=state)


def _reader(door: str) -> NoticeReader:
    """The reader of this webhook's messages; 404 without one."""
    reader = visitor.shop().doors.get(door)
    return abort(404) if reader is None else reader


def _refused(door: str, why: str, status: int) -> ResponseReturnValue:
    """Refuse the message. Only the log has the reason, so that a forger learns nothing."""
    log.warning("webhook %s: refused: %s", door, why)
    reason = "too large" if status == 413 else "not a message that this shop believes"
    return jsonify(status="refused", reason=reason), status
