"""Shared parts of the control API: the origin check, and reading commands."""

from typing import Any

import attrs
from flask import Response, make_response, redirect, request

from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry


@attrs.frozen
class WrongCommand(Exception):
    """An invalid command to the simulator."""

    why: str

    def __str__(self) -> str:
        return self.why


def refuse_other_pages() -> Response | None:
    """Refuse requests of pages from other origins."""
    if request.headers.get("Origin", current_registry().origin) != current_registry().origin:
        return make_response("Only the simulator's own page may do this.", 403)
    return None


def refused(why: WrongCommand) -> Response:
    """Answer 400 with the reason."""
    return answer({"message": str(why)}, 400)


def command_sent() -> dict[str, Any]:
    """The command, from JSON or from a form of the page."""
    if request.is_json:
        content = request.get_json(silent=True)
        if not isinstance(content, dict):
            raise WrongCommand("the body is not a JSON object")
        return content
    return request.form.to_dict()


def yes(value: object) -> bool:
    """Whether a form value or JSON value is true."""
    return value in (True, "true", "on", "yes")


def done(body: object) -> Response:
    """The answer to a command: JSON, or a redirect back to the page."""
    if request.is_json or not request.form:
        return answer(body, 200)
    reply = redirect("/", 303)
    return make_response(reply)
