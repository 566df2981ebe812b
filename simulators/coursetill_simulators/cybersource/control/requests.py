"""What the commands of the control API have in common: who may give one, and how it is read."""

from typing import Any

import attrs
from flask import Response, make_response, redirect, request

from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry


@attrs.frozen
class WrongCommand(Exception):
    """A command to the simulator that makes no sense."""

    why: str

    def __str__(self) -> str:
        return self.why


def refuse_other_pages() -> Response | None:
    """A page of another origin, open in the same browser, has no business here."""
    if request.headers.get("Origin", current_registry().origin) != current_registry().origin:
        return make_response("Only the simulator's own page may do this.", 403)
    return None


def refused(why: WrongCommand) -> Response:
    """400 with the reason in words."""
    return answer({"message": str(why)}, 400)


def told() -> dict[str, Any]:
    """The command as JSON, or as a form of the page."""
    if request.is_json:
        content = request.get_json(silent=True)
        if not isinstance(content, dict):
            raise WrongCommand("the body is not a JSON object")
        return content
    return request.form.to_dict()


def yes(value: object) -> bool:
    """Whether a form's or JSON's value says yes."""
    return value in (True, "true", "on", "yes")


def done(body: object) -> Response:
    """The answer to a command: JSON, or back to the page that it came from."""
    if request.is_json or not request.form:
        return answer(body, 200)
    reply = redirect("/", 303)
    return make_response(reply)
