"""P12 files are opened or refused in a sentence, and keys that end are spoken of in time."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.rest.certificates import CertificateNotUsable, cybersource_in, opened
from adapters.cybersource.rest.keys import P12Key
from adapters.cybersource.rest.settings import WrongSettings
from coursetill_testing.contracts.gateway_world import new_id
from tests.adapters.cybersource.vectors import (
    CYBERSOURCE_CERTIFICATE,
    FROZEN,
    MERCHANT_ID,
    OWN_P12,
    OWN_SHARED,
    P12_PASSWORD,
    official_settings,
)

KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
DAY = timedelta(days=1)


def certificate(key=KEY, name="a_merchant", serial="77", ends_at=FROZEN + 400 * DAY):
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if serial is not None:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    subject = x509.Name(parts)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(12345)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )


def p12(key=KEY, own=None, others=()):
    content = pkcs12.serialize_key_and_certificates(
        b"a", key, own or certificate(), others, serialization.BestAvailableEncryption(b"hush")
    )
    return P12Key(content=content, password="hush")


def test_the_key_id_is_the_serial_number_of_the_subject():
    found = opened(OWN_P12.content, P12_PASSWORD, MERCHANT_ID)
    assert found.key_id == "7700000000000000000001"
    assert found.ends_at == datetime(2036, 1, 1, tzinfo=UTC)
    assert found.cybersource is not None
    assert found.cybersource.key_id == "1701234567890123456789"


def test_the_merchant_is_found_in_any_case():
    assert opened(p12().content, "hush", "A_MERCHANT").key_id == "77"


def test_the_merchant_is_found_among_other_certificates():
    held = p12(own=certificate(name="an issuer"), others=(certificate(),))
    assert opened(held.content, "hush", "a_merchant").key_id == "77"


@pytest.mark.parametrize(
    ("held", "password", "why"),
    [
        (P12Key(content=b"not a P12", password="hush"), "hush", "cannot be opened"),
        (p12(), "wrong", "cannot be opened"),
        (p12(own=certificate(name="somebody_else")), "hush", "no certificate of a_merchant"),
        (p12(own=certificate(serial=None)), "hush", "no serial number"),
        (
            p12(own=certificate(name="x"), others=(certificate(OTHER_KEY),)),
            "hush",
            "not that of a_merchant",
        ),
        (p12(CURVE_KEY, certificate(CURVE_KEY)), "hush", "no RSA key"),
    ],
)
def test_an_unusable_p12_file_is_refused_with_a_reason(held, password, why):
    with pytest.raises(CertificateNotUsable, match=why):
        opened(held.content, password, "a_merchant")
    key = P12Key(content=held.content, password=password)
    with pytest.raises(WrongSettings, match=why):
        official_settings(merchant_id="a_merchant", keys=(key,))


def test_the_certificate_of_cybersource_is_found_by_its_name():
    assert cybersource_in(CYBERSOURCE_CERTIFICATE).key_id == "1701234567890123456789"
    stranger = certificate(name="a_stranger").public_bytes(serialization.Encoding.PEM)
    with pytest.raises(CertificateNotUsable, match="CyberSource_SJC_US"):
        cybersource_in(stranger)
    with pytest.raises(CertificateNotUsable, match="PEM"):
        cybersource_in(b"no certificate")


def gateway(*keys, **changed):
    told = official_settings(keys=keys, **changed)
    return CyberSourceGateway(told, now=lambda: FROZEN, new_id=new_id)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=45, seconds=1), ()),
        (timedelta(days=45), ("in 45 days",)),
        (timedelta(days=1), ("in 1 day.",)),
        (timedelta(hours=3), ("today",)),
        (timedelta(0), ("ended on",)),
        (timedelta(days=-3), ("ended on 2026-11-19",)),
    ],
)
def test_a_key_that_ends_soon_gives_a_warning(left, said):
    sentences = gateway(attrs.evolve(OWN_SHARED, ends_at=FROZEN + left)).expiring(FROZEN)
    assert len(sentences) == len(said)
    assert all(part in sentence for part, sentence in zip(said, sentences, strict=True))
    assert all(OWN_SHARED.key_id in sentence for sentence in sentences)


def test_a_key_without_end_date_gives_no_warning():
    assert gateway(OWN_SHARED).expiring(FROZEN.replace(year=2040)) == ()


def test_a_p12_file_carries_its_end_date():
    (sentence,) = gateway(OWN_P12).expiring(datetime(2035, 12, 30, tzinfo=UTC))
    assert sentence.startswith("The P12 key 7700000000000000000001 ends on 2036-01-01, in 2 days")


def test_only_an_http_signature_gives_a_warning():
    assert gateway(OWN_SHARED).warnings() == ()
    (warning,) = gateway(OWN_SHARED, http_signature=True).warnings()
    assert "March 2027" in warning
