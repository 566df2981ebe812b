"""Settings of the mail server."""

from __future__ import annotations

import re

import attrs

from entrypoints.settings.reader import PREFIX, SettingsReader, any_text

KNOWN = (
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_SECURITY",
    "SMTP_USER",
    "SMTP_PASSWORD",
    "SMTP_PASSWORD_FILE",
    "SMTP_CA_FILE",
    "MAIL_FROM",
)
"""All mail settings, without the prefix."""

PORTS = {"starttls": 587, "tls": 465, "none": 25}
"""The default port for each kind of encryption (RFC 8314 and RFC 5321)."""

_HERE = ("127.0.0.1", "::1", "localhost")


@attrs.frozen(kw_only=True)
class MailSettings:
    """The mail server, its credentials, and the sender's address."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    password_file: str | None = None
    ca_file: str | None = None


def read_mail(read: SettingsReader) -> MailSettings | None:
    """The mail settings; None if no mail server is set."""
    found = MailSettings(
        host=read.get("SMTP_HOST", "-", any_text),
        port=read.get("SMTP_PORT", "0", _port),
        security=read.get("SMTP_SECURITY", "starttls", _security),
        sender=read.get("MAIL_FROM", "-@-", email),
        user=read.optional("SMTP_USER", any_text),
        password=read.optional("SMTP_PASSWORD", any_text),
        password_file=read.optional("SMTP_PASSWORD_FILE", any_text),
        ca_file=read.optional("SMTP_CA_FILE", any_text),
    )
    if not read.given("SMTP_HOST"):
        alone = [name for name in KNOWN if name != "SMTP_SECURITY" and read.given(name)]
        if alone:
            read.wrong(f"{PREFIX}{alone[0]} goes with {PREFIX}SMTP_HOST, which is not set")
        return None
    if not read.given("MAIL_FROM"):
        read.wrong(f"{PREFIX}SMTP_HOST needs {PREFIX}MAIL_FROM, the address that letters come from")
    if found.password and found.password_file:
        read.wrong(
            f"{PREFIX}SMTP_PASSWORD and {PREFIX}SMTP_PASSWORD_FILE: one of the two is enough"
        )
    if bool(found.user) != bool(found.password or found.password_file):
        read.wrong(f"{PREFIX}SMTP_USER goes with {PREFIX}SMTP_PASSWORD or _PASSWORD_FILE")
    if found.user and found.security == "none" and found.host not in _HERE:
        read.wrong(
            f"{PREFIX}SMTP_SECURITY=none would send the password over the network in the open: "
            "use starttls or tls"
        )
    return attrs.evolve(found, port=found.port or PORTS[found.security])


def email(text: str) -> str:
    """An e-mail address. Raises ValueError."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError(f'is "{text}", which is not an e-mail address')
    return text


def _security(text: str) -> str:
    if text not in PORTS:
        raise ValueError(f'is "{text}": use starttls, tls or none')
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or not int(text) < 65536:
        raise ValueError(f'is "{text}": use a number from 1 to 65535')
    return int(text)
