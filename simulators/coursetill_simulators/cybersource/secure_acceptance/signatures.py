"""Secure Acceptance signatures: HMAC-SHA256 over `name=value` pairs in listed order."""

import base64
import hmac
from collections.abc import Mapping


def signature_of(fields: Mapping[str, str], secret: str) -> str:
    """
    The signature over the fields that `signed_field_names` lists.

    Values are not escaped, and the secret is text. Raises KeyError if a listed field is missing.
    """
    names = fields["signed_field_names"].split(",")
    text = ",".join(f"{name}={fields[name]}" for name in names)
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return base64.b64encode(digest).decode()


def verifies(fields: Mapping[str, str], secret: str) -> bool:
    """Whether the field `signature` is correct."""
    try:
        right = signature_of(fields, secret)
    except KeyError:
        return False
    return hmac.compare_digest(fields.get("signature", "").encode(), right.encode())
