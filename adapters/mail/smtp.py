"""Sends letters by SMTP, each once and over its own connection."""

from __future__ import annotations

import enum
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import attrs

from adapters.mail.messages import MailIdentity, domain_of, message_of
from core.messaging.mail import Letter
from core.messaging.outbox import NeverReceived, NotReceived, ReceiverIsDown

_SHUTTING_DOWN = 421


class SmtpSecurity(enum.Enum):
    """Encryption of the connection to the mail server."""

    STARTTLS = "starttls"
    """STARTTLS: encrypted before anything is sent (RFC 3207)."""
    TLS = "tls"
    """TLS from the first byte (RFC 8314)."""
    NONE = "none"
    """No encryption, for a server on this machine."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@attrs.frozen(kw_only=True)
class MailServer:
    """The address and credentials of a mail server. `patience` is seconds for each reply."""

    host: str
    port: int
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    user: str | None = None
    password: str = attrs.field(default="", repr=False)
    ca_file: str | None = None
    patience: float = 10.0


@attrs.frozen
class SmtpMailSender:
    """A MailSender by SMTP (RFC 5321)."""

    server: MailServer
    sender: MailIdentity
    now: Callable[[], datetime] = _utc_now

    def send(self, letter: Letter, /) -> None:
        """Send a letter. Raises the errors of the port."""
        message = message_of(letter, self.sender, self.now())
        with self._connected() as connection:
            try:
                connection.send_message(message)
            except smtplib.SMTPRecipientsRefused as refused:
                [(code, says)] = refused.recipients.values()
                raise _refusal(code, says, gone=500 <= code < 600) from None
            except smtplib.SMTPSenderRefused as refused:
                why = f"it does not take mail from {refused.sender}: {_reply_text(refused)}"
                raise ReceiverIsDown(why) from None
            except smtplib.SMTPNotSupportedError:
                raise NeverReceived("the mail server takes no such address") from None
            except smtplib.SMTPResponseException as refused:
                raise _refusal(refused.smtp_code, refused.smtp_error) from None

    def check(self) -> None:
        """Connect and sign in without sending. Raises ReceiverIsDown."""
        with self._connected() as connection:
            connection.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Open a signed-in connection. Failures inside the block raise ReceiverIsDown too."""
        server = self.server
        where = f"{server.host}:{server.port}"
        try:
            connection = self._opened()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            # The outcome is known already, so a failing QUIT changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        except smtplib.SMTPAuthenticationError as refused:
            raise ReceiverIsDown(f"{where} does not let us in: {_reply_text(refused)}") from None
        except smtplib.SMTPNotSupportedError as lacking:
            raise ReceiverIsDown(f"{where}: {lacking}") from None
        except smtplib.SMTPResponseException as refused:
            raise ReceiverIsDown(f"{where} is not at work: {_reply_text(refused)}") from None
        except ssl.SSLCertVerificationError as wrong:
            raise ReceiverIsDown(
                f"{where} shows a certificate that is not to be trusted: {wrong.verify_message}"
            ) from None
        except (smtplib.SMTPException, OSError) as failure:
            # smtplib reports a time-out as a lost connection, with the cause in __context__.
            if isinstance(failure, TimeoutError) or isinstance(failure.__context__, TimeoutError):
                why = f"{where} did not answer within {server.patience:g} s"
                raise ReceiverIsDown(why) from None
            raise ReceiverIsDown(f"the connection to {where} failed: {failure}") from None

    def _opened(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context(cafile=server.ca_file)
        connection: smtplib.SMTP
        # EHLO with the sender's domain: looking up this machine's own name may take seconds.
        ourselves = domain_of(self.sender.email)
        address, patience = (server.host, server.port, ourselves), server.patience
        if server.security is SmtpSecurity.TLS:
            connection = smtplib.SMTP_SSL(*address, timeout=patience, context=context)
        else:
            connection = smtplib.SMTP(*address, timeout=patience)
        try:
            if server.security is SmtpSecurity.STARTTLS:
                connection.starttls(context=context)
            if server.user is not None:
                _sign_in(connection, server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def _sign_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    try:
        connection.login(user, password)
    except UnicodeEncodeError:
        why = "the name or password has letters beyond ASCII, which cannot be sent this way"
        raise ReceiverIsDown(why) from None


def _refusal(code: int, says: bytes | str, *, gone: bool = False) -> NotReceived:
    why = f"the mail server answered {code} {_words(says)}"
    if code == _SHUTTING_DOWN:
        return ReceiverIsDown(why)
    return NeverReceived(why) if gone else NotReceived(why)


def _reply_text(refused: smtplib.SMTPResponseException) -> str:
    return f"{refused.smtp_code} {_words(refused.smtp_error)}"


def _words(says: bytes | str) -> str:
    """A server's reply on one line, cut to a readable length."""
    text = says.decode("utf-8", "replace") if isinstance(says, bytes) else says
    return " ".join(text.split())[:200]
