"""Secure Acceptance signatures: HMAC-SHA256 over `name=value` pairs, in the order of their list."""

import base64
import hmac
from collections.abc import Mapping


def signature_of(fields: Mapping[str, str], secret: str) -> str:
    """
    The signature over the fields that `signed_field_names` lists.

    Nothing is escaped, and the secret is text. Raises KeyError where a listed field is absent.
    """
    names = fields["signed_field_names"].split(",")
    text = ",".join(f"{name}={fields[name]}" for name in names)
    digest = hmac.digest(secret.encode(), text.encode(), "sha256")
    return base64.b64encode(digest).decode()


def verifies(fields: Mapping[str, str], secret: str) -> bool:
    """Whether the field `signature` is the right one."""
    try:
        right = signature_of(fields, secret)
    except KeyError:
        return False
    return hmac.compare_digest(fields.get("signature", "").encode(), right.encode())
