"""Mail servers on this machine, and a post that speaks to them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.mail.messages import MailIdentity
from adapters.mail.smtp import MailServer, SmtpMailSender, SmtpSecurity
from core.messaging.mail import Letter
from tests.adapters.mail import servers
from tests.adapters.mail.servers import Habits

NOW = datetime(2031, 5, 1, 12, 30, tzinfo=UTC)
SENDER = MailIdentity("Example University", "shop@example.org", "courses@example.org")


@pytest.fixture
def serving() -> Iterator[Callable[..., servers.MailServer]]:
    """Starts a mail server with these habits."""
    with ExitStack() as stack:

        def serve(**habits: Any) -> servers.MailServer:
            return stack.enter_context(servers.MailServer(Habits(**habits)))

        yield serve


def post_to(server: servers.MailServer, **different: Any) -> SmtpMailSender:
    plain = MailServer(host="127.0.0.1", port=server.port, security=SmtpSecurity.NONE, patience=0.4)
    return SmtpMailSender(attrs.evolve(plain, **different), SENDER, lambda: NOW)


def a_letter(**different: Any) -> Letter:
    plain = Letter(
        id="CT-7K3M-Q9XD-2FVT/letter.receipt",
        name="Ada Łovelace 数学",
        email="ada@example.org",
        subject="Your receipt for order CT-7K3M-Q9XD-2FVT: $1,350.00 USD",
        text="You have paid −€29.50.\n",
        html="<p>You have paid −€29.50.</p>",
    )
    return attrs.evolve(plain, **different)


@attrs.frozen
class Certificate:
    """A certificate for a name, signed by itself, as files."""

    file: Path
    context: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Certificate]:
    def made(host: str) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        try:
            known_as: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            known_as = x509.DNSName(host)
        today = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(days=1))
            .not_valid_after(today + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([known_as]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        folder = tmp_path_factory.mktemp("certificate")
        public, both = folder / "public.pem", folder / "both.pem"
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        public.write_bytes(pem)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        both.write_bytes(private + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return Certificate(public, context)

    return made
