"""HTTP Signature, the older authentication, for accounts that cannot use JWT yet."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import attrs

from adapters.cybersource.rest.jwt_authentication import Unsigned

WARNING = (
    "HTTP Signature is what requests are signed with. CyberSource ends it in March 2027: turn to "
    "JWT before, with the same key id and secret"
)
"""The warning at each start and in `coursetill doctor` while HTTP Signature is in use."""


@attrs.frozen
class HttpSignature:
    """HMAC-SHA256 over host, date, target, digest and merchant, in this order."""

    merchant_id: str
    key_id: str
    _secret: bytes = attrs.field(repr=False)

    def headers(self, request: Unsigned, at: datetime, /) -> Mapping[str, str]:
        date = format_datetime(at.astimezone(UTC), usegmt=True)
        signature = base64.b64encode(
            hmac.digest(self._secret, self.text(request, date).encode(), "sha256")
        ).decode()
        names = " ".join(self._parts(request, date))
        digest = {"Digest": f"SHA-256={request.digest}"} if request.digest else {}
        return {
            "Host": request.host,
            "Date": date,
            "v-c-merchant-id": self.merchant_id,
            "Signature": (
                f'keyid="{self.key_id}", algorithm="HmacSHA256", '
                f'headers="{names}", signature="{signature}"'
            ),
            **digest,
        }

    def text(self, request: Unsigned, date: str) -> str:
        """The string to sign: one line for each part, without a final line end."""
        return "\n".join(f"{name}: {value}" for name, value in self._parts(request, date).items())

    def _parts(self, request: Unsigned, date: str) -> dict[str, str]:
        parts = {
            "host": request.host,
            "date": date,
            # CyberSource has refused the name "(request-target)" with brackets since April 2024.
            "request-target": f"{request.method.lower()} {request.target}",
            "digest": f"SHA-256={request.digest}",
            "v-c-merchant-id": self.merchant_id,
        }
        return {name: v for name, v in parts.items() if name != "digest" or request.digest}
