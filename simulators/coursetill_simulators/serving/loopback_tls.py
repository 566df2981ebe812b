"""HTTPS on this machine, with a new certificate authority for each start."""

from __future__ import annotations

import ssl
import tempfile
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LASTS = timedelta(days=30)
_SKEW = timedelta(hours=1)


@attrs.frozen
class LoopbackTls:
    """The certificate of a local server, and the authority that its clients must trust.

    Both are new at every start. The authority's key is discarded, so that it signs nothing else.
    """

    authority: bytes
    """The authority's certificate as PEM."""
    context: ssl.SSLContext


def loopback_tls(now: datetime) -> LoopbackTls:
    """Make an authority and a server certificate for localhost and the loopback addresses."""
    signing, serving = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = _name("Coursetill simulator, this machine alone")
    authority = (
        _begun(issuer, now)
        .subject_name(issuer)
        .public_key(signing.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signing.public_key()), False)
        .sign(signing, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ip_address("127.0.0.1")),
            x509.IPAddress(ip_address("::1")),
        ]
    )
    server = (
        _begun(issuer, now)
        .subject_name(_name("localhost"))
        .public_key(serving.public_key())
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), False
        )
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return LoopbackTls(authority.public_bytes(pem), _context(server.public_bytes(pem), serving))


def _context(certificate: bytes, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    """A server's SSL context. ssl reads keys only from files, so a file exists for a moment."""
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "server.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(certificate + secret)
        context.load_cert_chain(chain)
    return context


def _begun(issuer: x509.Name, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + LASTS)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
