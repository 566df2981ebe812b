"""The refusals of invalid requests, with CyberSource's reasons."""

from typing import Any

import attrs


@attrs.frozen
class Refusal(Exception):
    """A request that is answered with HTTP 400 and changes nothing."""

    reason: str
    message: str
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"

    def body(self, submitted_at: str) -> dict[str, Any]:
        """The documented body of a 400."""
        return {
            "submitTimeUtc": submitted_at,
            "status": "INVALID_REQUEST",
            "reason": self.reason,
            "message": self.message,
            "details": [{"field": field, "reason": reason} for field, reason in self.fields],
        }


@attrs.frozen
class SessionRefused(Exception):
    """A session request, or a page using one, that Unified Checkout refuses with HTTP 400."""

    reason: str
    message: str
    details: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"

    def body(self, correlation_id: str) -> dict[str, Any]:
        """The documented error body of Unified Checkout; the shape of a detail is assumed."""
        return {
            "correlationId": correlation_id,
            "reason": self.reason,
            "message": self.message,
            "details": [{"location": place, "message": text} for place, text in self.details],
            "informationLink": "",
        }


def missing(*paths: str) -> Refusal:
    """Refuse missing required fields."""
    return Refusal(
        "MISSING_FIELD",
        "Declined - The request is missing one or more fields",
        tuple((path, "MISSING_FIELD") for path in paths),
    )


def wrong(*paths: str) -> Refusal:
    """Refuse fields with invalid content."""
    return Refusal(
        "INVALID_DATA",
        "Declined - One or more fields in the request contains invalid data",
        tuple((path, "INVALID_DATA") for path in paths),
    )


def duplicate() -> Refusal:
    """Refuse a repeated transaction id."""
    return Refusal(
        "DUPLICATE_REQUEST",
        "Declined - The transaction identifier sent with this request has already been used "
        "in the last 60 days",
    )


def repeated() -> Refusal:
    """Refuse a payment whose reference was used minutes ago, if the account checks it."""
    return Refusal(
        "DUPLICATE_REQUEST",
        "Declined - The merchantReferenceCode sent with this request matches the one of another "
        "request that was sent in the last 15 minutes",
    )
