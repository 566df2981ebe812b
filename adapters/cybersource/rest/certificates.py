"""Certificates and P12 files: the keys in them, and their ids."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from joserfc.jwk import RSAKey

CYBERSOURCE_NAME = "CyberSource_SJC_US"
"""The common name of CyberSource's certificate for encrypted requests."""


@attrs.frozen
class CertificateNotUsable(ValueError):
    """A certificate, key or P12 file cannot be used. `why` is a sentence."""

    why: str

    def __str__(self) -> str:
        return self.why


@attrs.frozen
class Certificate:
    """A public key. Its id is the serial number in the subject; it expires at `ends_at`."""

    key_id: str
    key: RSAKey = attrs.field(repr=False)
    ends_at: datetime


@attrs.frozen
class P12:
    """The merchant's private key and certificate, and CyberSource's certificate if included."""

    key_id: str
    key: RSAKey = attrs.field(repr=False)
    ends_at: datetime
    cybersource: Certificate | None = None


def opened(content: bytes, password: str, merchant_id: str) -> P12:
    """Open a P12 file and return the keys of this merchant. Raises CertificateNotUsable.

    The key id is the serial number in the *subject* of the certificate whose common name is the
    merchant id (case does not matter). It is not the serial number of the certificate itself.
    """
    try:
        held = pkcs12.load_pkcs12(content, password.encode())
    except ValueError:
        raise CertificateNotUsable(
            "the P12 file cannot be opened: it is another file, or the password is"
        ) from None
    if not isinstance(held.key, RSAPrivateKey):
        raise CertificateNotUsable("the P12 file holds no RSA key")
    certificates = [each.certificate for each in (held.cert, *held.additional_certs) if each]
    own = _named(merchant_id, certificates)
    if own is None:
        raise CertificateNotUsable(f"the P12 file holds no certificate of {merchant_id}")
    if own.public_key() != held.key.public_key():
        raise CertificateNotUsable(
            f"the key in the P12 file is not that of {merchant_id}'s certificate"
        )
    theirs = _named(CYBERSOURCE_NAME, certificates)
    return P12(
        _serial_number(own),
        RSAKey.import_key(
            held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        ),
        own.not_valid_after_utc,
        _certificate(theirs) if theirs else None,
    )


def cybersource_in(pem: bytes) -> Certificate:
    """CyberSource's certificate for encrypted requests, as PEM. Raises CertificateNotUsable."""
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CertificateNotUsable("it is not a certificate as PEM") from None
    found = _named(CYBERSOURCE_NAME, certificates)
    if found is None:
        raise CertificateNotUsable(f"it is not the certificate of {CYBERSOURCE_NAME}")
    return _certificate(found)


def _certificate(found: x509.Certificate) -> Certificate:
    key = found.public_key()
    if not isinstance(key, RSAPublicKey):
        raise CertificateNotUsable("the certificate is for another kind of key than RSA")
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(_serial_number(found), RSAKey.import_key(pem), found.not_valid_after_utc)


def _named(name: str, certificates: Iterable[x509.Certificate]) -> x509.Certificate | None:
    """The certificate with this common name. Of several, the one that expires last."""
    named = [
        each
        for each in certificates
        if name.lower() in (n.lower() for n in _of_subject(each, NameOID.COMMON_NAME))
    ]
    return max(named, key=lambda each: each.not_valid_after_utc, default=None)


def _serial_number(certificate: x509.Certificate) -> str:
    """The serial number attribute (OID 2.5.4.5) of the subject."""
    found = _of_subject(certificate, NameOID.SERIAL_NUMBER)
    if not found or not found[0]:
        raise CertificateNotUsable(
            "the certificate's subject has no serial number, which is the key's id"
        )
    return found[0]


def _of_subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(each.value) for each in certificate.subject.get_attributes_for_oid(oid)]
