"""Builds e-mail messages from letters: text and HTML, with safe headers."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import attrs

from core.messaging.mail import Letter
from core.messaging.outbox import NeverReceived

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^@\s<>,;:\"\\\x00-\x1f\x7f]{1,64}@[^@\s<>,;:\"\\\x00-\x1f\x7f]{1,253}")


@attrs.frozen
class MailIdentity:
    """The sender's name and address, and the address for replies."""

    name: str
    email: str
    answers_to: str


def message_of(letter: Letter, sender: MailIdentity, at: datetime) -> EmailMessage:
    """Build the message of a letter, dated `at`.

    Raises NeverReceived if the learner's address is not a mail address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender.name, sender.email)
    message["To"] = _address(letter.name, letter.email)
    message["Reply-To"] = _address("", sender.answers_to)
    message["Subject"] = _flat(letter.subject)
    message["Date"] = format_datetime(at)
    # A letter always has the same message id, so mail programs show a repetition once.
    message["Message-ID"] = f"<{_local(letter.id)}@{domain_of(sender.email)}>"
    # Suppress automatic replies such as holiday notices (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _flat(text: str) -> str:
    """Text on one line, so that it cannot inject a header."""
    return _CONTROLS.sub(" ", text).strip()


def _local(id_: str) -> str:
    """The id with only the characters that a message id may contain."""
    return re.sub(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]", "_", id_)


def domain_of(email: str) -> str:
    """The domain of an address, in ASCII."""
    domain = email.rpartition("@")[2]
    return domain if domain.isascii() else domain.encode("idna").decode()


def _address(name: str, email: str) -> Address:
    if not _ADDRESS.fullmatch(email):
        raise NeverReceived(f'"{email}" is not an e-mail address')
    try:
        return Address(_flat(name), email.rpartition("@")[0], domain_of(email))
    except ValueError:
        raise NeverReceived(f'"{email}" is not an e-mail address') from None
