"""Looks up past requests: search by our code, and the details of one transaction."""

from __future__ import annotations

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiCall, Transport

MOST_ROWS = 200


@attrs.frozen
class TransactionSearch:
    """
    POST /tss/v2/searches and GET /tss/v2/transactions/{id}.

    Both lag: a row was seen to take some five seconds to appear, so an empty result proves
    nothing. Raises NotSent, ApiRefusal or Lost.
    """

    _transport: Transport

    def rows(self, code: str, ours: str, *, limit: int = MOST_ROWS) -> tuple[JsonFields, ...]:
        """All rows under this code. The caller must still match each row."""
        body = {
            "save": False,
            "name": "coursetill",
            "timezone": "UTC",
            "query": f'clientReferenceInformation.code:"{escaped(code)}"',
            "offset": 0,
            "limit": limit,
            "sort": "submitTimeUtc:desc",
        }
        call = ApiCall(operation="search", ours=ours, path="/tss/v2/searches", body=body)
        return self._transport.ask(call).parts("_embedded.transactionSummaries")

    def details(self, gateway_id: str, ours: str) -> JsonFields:
        """The details of one transaction."""
        call = ApiCall(operation="details", ours=ours, path=f"/tss/v2/transactions/{gateway_id}")
        return self._transport.ask(call)


def escaped(text: str) -> str:
    """Escape text so that it stays one quoted value in a query."""
    return "".join(f"\\{letter}" if letter in '"\\' else letter for letter in text)


def applications(row: JsonFields) -> dict[str, str]:
    """The services of a row, such as ics_auth, each with its reason code."""
    return {
        each.text("name"): code_in(each, "reasonCode")
        for each in row.parts("applicationInformation.applications")
    }


def code_in(fields: JsonFields, path: str) -> str:
    """A reason code as text. Details write it as a number, summaries as text."""
    found = fields.at(path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def is_marked(row: JsonFields, ours: str) -> bool | None:
    """Whether the row carries our unique id; None if it carries no id at all."""
    theirs = row.text("clientReferenceInformation.transactionId")
    marks = {theirs} if theirs else set()
    marks |= {each.text("value") for each in row.parts("merchantDefinedInformation")}
    return ours in marks if marks else None
