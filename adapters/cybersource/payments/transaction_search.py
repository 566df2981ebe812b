"""Looking up what became of past requests: searches by our own code, and the details of one."""

from __future__ import annotations

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiCall, Transport

MOST_ROWS = 200


@attrs.frozen
class TransactionSearch:
    """
    POST /tss/v2/searches and GET /tss/v2/transactions/{id}.

    Both are late: a row was seen to take some five seconds to appear, so that nothing found
    proves nothing. Raises NotSent, TurnedAway or Lost.
    """

    _transport: Transport

    def rows(self, code: str, ours: str, *, limit: int = MOST_ROWS) -> tuple[JsonFields, ...]:
        """What was ever sent under this code, each row still to be matched with what is sought."""
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
        """All that is known of one transaction."""
        call = ApiCall(operation="details", ours=ours, path=f"/tss/v2/transactions/{gateway_id}")
        return self._transport.ask(call)


def escaped(text: str) -> str:
    """Text that stays one value inside the quotes of a query."""
    return "".join(f"\\{letter}" if letter in '"\\' else letter for letter in text)


def applications(row: JsonFields) -> dict[str, str]:
    """The services that a row stands for, such as ics_auth, each with its reason code."""
    return {
        each.text("name"): code_in(each, "reasonCode")
        for each in row.parts("applicationInformation.applications")
    }


def code_in(fields: JsonFields, path: str) -> str:
    """A reason code, which details write as a number and summaries as text."""
    found = fields.at(path)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def is_marked(row: JsonFields, ours: str) -> bool | None:
    """Whether the row carries our own unique id; None where it carries none at all."""
    theirs = row.text("clientReferenceInformation.transactionId")
    marks = {theirs} if theirs else set()
    marks |= {each.text("value") for each in row.parts("merchantDefinedInformation")}
    return ours in marks if marks else None
