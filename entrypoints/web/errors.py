"""Error pages: the four error families as HTTP statuses, and our own mistakes as 500."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import attrs
from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, TooManyRequests

from core.discounts.personal_offers import PricingUnavailable
from core.errors import Absent, Conflict, Refused, ShopError, Unavailable
from core.use_cases.payments.enquire import StillChecking
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.extensions.loader import ExtensionFailed
from entrypoints.web import visitor
from entrypoints.web.security import NotOurHost, keep_private
from entrypoints.web.template_filters import with_full_stop
from entrypoints.web.visitor import SignInFirst

log = logging.getLogger(__name__)

STATUSES: dict[type[ShopError], int] = {Absent: 404, Refused: 422, Conflict: 409, Unavailable: 503}

HEADINGS = {
    400: "This request cannot be understood",
    404: "There is nothing here",
    405: "This address does not take that",
    409: "Something changed in between",
    413: "This is too much at once",
    422: "This cannot be done",
    429: "Too many tries",
    500: "Something is wrong on our side",
    503: "Please try again in a few minutes",
}

TEXTS = {
    400: "Go back, reload the page and try again.",
    404: "Check the address, or look for the course in the catalogue.",
    405: "Go back and use the buttons of the page.",
    413: "The request is larger than anything this shop has a use for.",
}

Caught = TypeVar("Caught", bound=Exception)


@attrs.frozen
class HttpProblem:
    """A problem in the sense of RFC 9457, shown instead of the page."""

    status: int
    code: str
    heading: str
    text: str
    order: str | None = None
    retry_after: str | None = None

    def page(self) -> ResponseReturnValue:
        """The problem as a page, or as JSON if the client asks for it."""
        keep_private()
        answer = self._json() if wants_json() else render_template("error.html", problem=self)
        headers = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return answer, self.status, headers

    def _json(self) -> Response:
        answer = jsonify(
            type=f"urn:coursetill:{self.code}",
            title=self.heading,
            status=self.status,
            detail=self.text,
        )
        answer.content_type = "application/problem+json"
        return answer


def wants_json() -> bool:
    """Whether the client accepts JSON rather than HTML."""
    accepted = request.accept_mimetypes
    wanted = accepted.best_match(["text/html", "application/json", "application/problem+json"])
    return wanted is not None and wanted != "text/html"


def status_of(error: ShopError) -> int:
    """The HTTP status of an error's family."""
    return next(status for family, status in STATUSES.items() if isinstance(error, family))


def problem_of(error: ShopError) -> HttpProblem:
    """An error of the core as a problem, with its public type and its sentence."""
    status = status_of(error)
    words = visitor.wording()
    code = words.problem_type(error)
    order = error.reference if isinstance(error, StillChecking) else None
    return HttpProblem(status, code, HEADINGS[status], with_full_stop(words.sentence(error)), order)


def shown_again(
    error: ShopError, page: Callable[[], str], *, status: int | None = None
) -> ResponseReturnValue:
    """The form's page again, with the reason of the refusal."""
    if wants_json():
        return problem_of(error).page()
    keep_private()
    return page(), status or status_of(error)


def tell_errors(app: Flask) -> None:
    """Register handlers for all errors."""

    def on(what: type[Caught], answer: Callable[[Caught], ResponseReturnValue]) -> None:
        app.register_error_handler(what, answer)

    on(ShopError, lambda error: problem_of(error).page())
    on(PricingUnavailable, lambda error: _extension_failed(error, error.source))
    on(ExtensionFailed, lambda error: _extension_failed(error, error.name))
    on(SignInFirst, _to_sign_in)
    on(CSRFError, _old_form)
    on(NotOurHost, _wrong_host)
    on(HTTPException, _http_error)
    on(Exception, _our_mistake)


def _extension_failed(error: ShopError, name: str) -> ResponseReturnValue:
    log.error("extension %s failed: %s", name, error.__cause__, exc_info=error)
    return problem_of(error).page()


def _to_sign_in(first: SignInFirst) -> ResponseReturnValue:
    if wants_json():
        return HttpProblem(401, "sign-in-first", "Sign in first", "This is for learners.").page()
    return redirect(url_for("sign_in.start", next=first.onward), 303)


def _old_form(_: CSRFError) -> ResponseReturnValue:
    return HttpProblem(
        400,
        "form-is-too-old",
        "This form is too old",
        "You may have signed in or out since the page was opened, or your browser kept no cookie. "
        "Nothing was changed, ordered or charged. Go back, reload the page and try again.",
    ).page()


def _wrong_host(_: NotOurHost) -> ResponseReturnValue:
    return HttpProblem(
        400, "not-our-host", "This is not the address of this shop", "Check the address."
    ).page()


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400 or status == 304:
        return error.get_response()
    heading = HEADINGS.get(status, error.name)
    text = TEXTS.get(status) or with_full_stop(error.description or error.name)
    retry_after = error.retry_after if isinstance(error, TooManyRequests) else None
    wait = None if retry_after is None else str(retry_after)
    return HttpProblem(status, f"http-{status}", heading, text, retry_after=wait).page()


def _our_mistake(error: Exception) -> ResponseReturnValue:
    number = new_key()[:12].upper()
    log.error("fault %s: %s %s", number, request.method, request.endpoint, exc_info=error)
    return HttpProblem(
        500,
        "fault",
        HEADINGS[500],
        f"Nothing is known to be lost. If you write to us about it, mention the number {number}.",
    ).page()
