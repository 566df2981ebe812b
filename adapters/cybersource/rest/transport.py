"""Calls to the REST API: sign, send once, log one line, and sort replies by what is certain."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.jwt_authentication import Authentication, Unsigned
from adapters.cybersource.rest.message_encryption import MessageSealer, Unreadable
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.http_client import HttpClient, HttpReply, HttpRequest, Lost, NotSent

_log = logging.getLogger("coursetill.cybersource")
_Read = TypeVar("_Read")

_REFUSED = frozenset({401, 403, 404, 405, 413, 415, 429})
"""Statuses that prove that the server did not process the request."""

_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_CORRELATION = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LONGEST_MESSAGE = 300


@attrs.frozen
class ApiRefusal(Exception):
    """The API refused the request. Nothing was carried out.

    `reason` is CyberSource's reason code, or "" without one. `replied_at` is the reply's Date
    header, which shows how far the clocks differ.
    """

    status: int
    reason: str = ""
    message: str = ""
    replied_at: datetime | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        return " ".join(filter(None, (f"HTTP {self.status}", self.reason, self.message)))


@attrs.frozen(kw_only=True)
class ApiCall:
    """One request. `ours` is the id of the attempt or refund that it is about, for the log."""

    operation: str
    ours: str
    path: str
    body: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    accept: str = "application/json"
    signed: bool = True
    method: str = attrs.field()

    @method.default
    def _usual_method(self) -> str:
        return "GET" if self.body is None else "POST"


@attrs.frozen
class Transport:
    """Makes calls for one merchant account. Errors of the HTTP library never leave it.

    Every call raises NotSent or ApiRefusal (nothing was carried out), or Lost (outcome unknown).
    """

    _settings: CyberSourceSettings
    _authentication: Authentication = attrs.field(repr=False)
    _wire: HttpClient = attrs.field(repr=False)
    _now: Callable[[], datetime] = attrs.field(repr=False, kw_only=True)
    _envelopes: MessageSealer = attrs.field(factory=MessageSealer, repr=False, kw_only=True)

    def ask(self, call: ApiCall) -> JsonFields:
        """Make a call and return the JSON object of the reply."""
        return self._exchanged(call, _object_in)

    def text(self, call: ApiCall) -> str:
        """Make a call and return the plain text of the reply."""
        return self._exchanged(call, _text_in)

    def listed(self, call: ApiCall) -> tuple[JsonFields, ...]:
        """Make a call and return the objects of the JSON list in the reply."""
        return self._exchanged(call, _objects_in)

    def done(self, call: ApiCall) -> None:
        """Make a call and ignore the body of the reply."""
        self._exchanged(call, _nothing_in)

    def _exchanged(self, call: ApiCall, read: Callable[[HttpReply], _Read]) -> _Read:
        started = time.monotonic()
        theirs, outcome, level = "-", "failed", logging.WARNING
        try:
            reply = self._wire.send(self._request(call))
            theirs = reply.headers.get("v-c-correlation-id", "-")
            answer = read(self._opened(reply, call))
            outcome, level = f"{reply.status} {_words_of(answer)}".strip(), logging.INFO
            return answer
        except NotSent as failure:
            outcome = f"not sent: {failure}"
            raise
        except Lost as failure:
            outcome = f"unknown: {failure}"
            raise
        except ApiRefusal as failure:
            outcome = f"refused: {failure.status} {_word(failure.reason)}".strip()
            raise
        finally:
            _log.log(
                level,
                "operation=%s ours=%s theirs=%s ms=%d outcome=%s",
                call.operation,
                call.ours,
                theirs if _CORRELATION.fullmatch(theirs) else "-",
                (time.monotonic() - started) * 1000,
                json.dumps(outcome),
            )

    def _request(self, call: ApiCall) -> HttpRequest:
        at = self._now()
        headers = {"Accept": call.accept}
        body = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            body = self._envelopes.sealed(call.path, json.dumps(call.body).encode(), at)
        if call.signed:
            unsigned = Unsigned(
                call.method,
                self._settings.host,
                call.path,
                body,
                reply_key=self._envelopes.reply_key(call.path),
            )
            headers |= self._authentication.headers(unsigned, at)
        return HttpRequest(call.method, self._settings.origin + call.path, headers, body)

    def _opened(self, reply: HttpReply, call: ApiCall) -> HttpReply:
        """The decrypted reply. An unreadable one gets an empty body, so the outcome is unknown."""
        try:
            return attrs.evolve(reply, body=self._envelopes.opened(reply.body))
        except Unreadable as why:
            _log.error(
                "operation=%s ours=%s outcome=unreadable: %s", call.operation, call.ours, why
            )
            return attrs.evolve(reply, body=b"")


def _object_in(reply: HttpReply) -> JsonFields:
    fields = _parsed(reply)
    _raise_unless_successful(reply, fields)
    if fields is None:
        raise Lost(f"HTTP {reply.status} without readable JSON")
    return fields


def _objects_in(reply: HttpReply) -> tuple[JsonFields, ...]:
    _raise_unless_successful(reply, _parsed(reply))
    try:
        return JsonFields.parsed(b'{"list":' + reply.body + b"}").parts("list")
    except ValueError:
        raise Lost(f"HTTP {reply.status} without a readable list") from None


def _nothing_in(reply: HttpReply) -> None:
    if reply.status != 204:
        _raise_unless_successful(reply, _parsed(reply))


def _text_in(reply: HttpReply) -> str:
    _raise_unless_successful(reply, _parsed(reply))
    try:
        return reply.body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Lost(f"HTTP {reply.status} without readable text") from None


def _raise_unless_successful(reply: HttpReply, fields: JsonFields | None) -> None:
    if reply.status in (200, 201):
        return
    told = fields or JsonFields({})
    reason = told.text("reason") or told.text("errorInformation.reason")
    # An unreadable 400 may be DUPLICATE_REQUEST: then an earlier request was carried out.
    if reply.status in _REFUSED or (reply.status == 400 and fields is not None):
        replied_at = _date(reply.headers.get("date", ""))
        raise ApiRefusal(reply.status, reason, _message(told), replied_at=replied_at)
    raise Lost(f"HTTP {reply.status} {_word(reason)}".strip())


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        return None


def _message(told: JsonFields) -> str:
    """The error message with the fields it names, cut to a readable length."""
    message = (
        told.text("message") or told.text("errorInformation.message") or told.text("response.rmsg")
    )
    details = [
        " ".join(filter(None, (each.text("field") or each.text("location"), said)))
        for each in told.parts("details")
        if (said := each.text("reason") or each.text("message"))
    ]
    return ": ".join(filter(None, (message, ", ".join(details))))[:_LONGEST_MESSAGE]


def _parsed(reply: HttpReply) -> JsonFields | None:
    try:
        return JsonFields.parsed(reply.body)
    except ValueError:
        return None


def _words_of(answer: object) -> str:
    """The status and reason of a reply. Nothing else of a body is ever logged."""
    if not isinstance(answer, JsonFields):
        return ""
    words = (answer.text("status"), answer.text("errorInformation.reason"))
    return " ".join(filter(None, map(_word, words)))


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else ""
