"""
Message-level encryption (MLE): encrypted bodies of requests, and replies encrypted for the caller.

A request is `{"encryptedRequest": JWE}`, a reply `{"encryptedResponse": JWE}`, both RSA-OAEP-256
with A256GCM. The endpoints that support it are those in the vendor's own client. Assumed: the reply
(400, INVALID_DATA) to a body that cannot be decrypted, or that is plain although encryption is
mandatory; and that refusals are encrypted like results.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, RSAKey

from coursetill_simulators.cybersource.wire_format.refusals import Refusal

# The last fixed part of the path.
ENDPOINTS = ("payments", "captures", "refunds", "voids", "reversals", "searches", "transactions")
# The common name of the certificate with which a merchant encrypts.
CERTIFICATE_NAME = "CyberSource_SJC_US"
# The key id; in the certificate it is the serialNumber attribute of the subject.
MADE_KEY_ID = "1700000000000000000001"

# The time in the header (iat) is CyberSource's own addition.
_REGISTRY = jwe.JWERegistry(algorithms=["RSA-OAEP-256", "A256GCM"], strict_check_header=False)


class MessageEncryption:
    """Decrypts requests to the simulator, and encrypts its replies."""

    def __init__(
        self, private_keys: Mapping[str, str] | None, reply_keys: Mapping[str, str]
    ) -> None:
        self._given = private_keys
        self._reply_keys = {key_id: RSAKey.import_key(pem) for key_id, pem in reply_keys.items()}

        self._stored: tuple[str, RSAKey] | None = None

    def store(self, key_id: str, key: RSAKey) -> None:
        """Encrypt webhooks with the merchant's `key` from now on."""
        self._stored = key_id, key

    def clear(self) -> None:
        """Remove the stored key."""
        self._stored = None

    @cached_property
    def _private_keys(self) -> Mapping[str, RSAKey]:
        # Making a key takes long, and most merchants do not use encryption.
        if self._given is None:
            return {MADE_KEY_ID: RSAKey.generate_key(2048)}
        return {key_id: RSAKey.import_key(pem) for key_id, pem in self._given.items()}

    def opened(self, envelope: object) -> bytes:
        """Decrypt an encryptedRequest. Raises Refusal if it is not readable."""
        if not isinstance(envelope, str):
            raise _unreadable()
        try:
            found = jwe.decrypt_compact(envelope, self._named, registry=_REGISTRY)
        except (JoseError, ValueError, KeyError, TypeError) as unreadable:
            raise _unreadable() from unreadable
        return found.plaintext or b""

    def closed(self, content: bytes, key_id: str, now: datetime) -> str:
        """An encryptedResponse for the owner of `key_id`. Raises Refusal if the key is unknown."""
        if key_id not in self._reply_keys:
            raise Refusal("INVALID_DATA", "Declined - v-c-response-mle-kid names no known key")
        return _closed(content, key_id, self._reply_keys[key_id], now=now)

    def closed_for_merchant(self, content: bytes, now: datetime) -> str:
        """Encrypt a webhook's content with the stored key, else with the merchant's first key.

        Raises LookupError if there is no key.
        """
        if self._stored is not None:
            return _closed(content, *self._stored, now=now)
        for key_id, key in self._reply_keys.items():
            return _closed(content, key_id, key, now=now)
        raise LookupError("the merchant has no key to encrypt to")

    def knows_reply_key(self, key_id: str) -> bool:
        """Whether a reply can be encrypted with the key `key_id`."""
        return key_id in self._reply_keys

    def certificates(self, now: datetime) -> bytes:
        """The certificates with which a merchant encrypts, as PEM."""
        return b"".join(
            _certificate(key_id, key, now) for key_id, key in self._private_keys.items()
        )

    def _named(self, guest: GuestProtocol) -> RSAKey:
        return self._private_keys[guest.headers()["kid"]]


def _closed(content: bytes, key_id: str, key: RSAKey, *, now: datetime) -> str:
    header = {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "iat": int(now.timestamp()),
        "kid": key_id,
    }
    return jwe.encrypt_compact(header, content, key, registry=_REGISTRY)


def _unreadable() -> Refusal:
    return Refusal(
        "INVALID_DATA",
        "Declined - The encrypted request can not be decrypted",
        (("encryptedRequest", "INVALID_DATA"),),
    )


def _certificate(key_id: str, key: RSAKey, now: datetime) -> bytes:
    private = key.private_key
    if not isinstance(private, RSAPrivateKey):
        raise TypeError(f"the key {key_id} is not a private one")
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, CERTIFICATE_NAME),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, key_id),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(private, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
