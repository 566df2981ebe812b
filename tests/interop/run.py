"""
Starts a simulator, lets the vendor's own client call it, and compares both sides' stories.

`python tests/interop/run.py PYTHON`, where PYTHON is that of the client's own environment.
"""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from coursetill_simulators.cybersource import DEMO_KEY_ID, RunningSimulator, SimulatorSettings

MERCHANT_ID = "interop_merchant"
P12_KEY_ID = "7700000000000000000001"
REPLY_KEY_ID = "7700000000000000000009"
PASSWORD = "worthless"
SECRET = base64.b64encode(bytes(range(32))).decode()
WAYS = 5
# Of each way: 247.50 sold, 100.00 given back, 40.00 captured and voided.
MOVED = {"captured": "1237.50", "refunded": "500.00", "net": "737.50"}
EXPECTED = {
    "session": 201,
    "session of version 0": 201,
    "microform session": 201,
    "payment": 201,
    "refund": 201,
    "authorisation": 201,
    "capture": 201,
    "void of the capture": 201,
    "reversal": 201,
    "search": 201,
    "search again": 201,
    "details": 200,
    "conversion details": 200,
    "batch summaries": 200,
    "refund details": 200,
    "reports": 200,
    "report download": 200,
    "webhook key": 201,
    "OAuth credentials": 201,
    "webhook certificate": 201,
    "webhook": 201,
    "webhooks": 200,
    "webhook deleted": 204,
    "refund of nothing": 400,
}


def certificate(key: RSAPrivateKey, name: str, key_id: str) -> x509.Certificate:
    """A certificate as CyberSource's: the key id is its subject's serialNumber."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, name),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, key_id),
        ]
    )
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )


def public_pem(key: RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def written_keys(folder: Path, url: str, *, key: RSAPrivateKey, reply_key: RSAPrivateKey) -> None:
    """The P12, the simulator's certificate and the reply key, as files for the client."""
    folder.mkdir(parents=True, exist_ok=True)
    pem = requests.get(f"{url}/simulator/mle-certificate", timeout=10).content
    (folder / "mle.pem").write_bytes(pem)
    (folder / "reply.pem").write_bytes(
        reply_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    p12 = pkcs12.serialize_key_and_certificates(
        MERCHANT_ID.encode(),
        key,
        certificate(key, MERCHANT_ID, P12_KEY_ID),
        [x509.load_pem_x509_certificate(pem)],
        BestAvailableEncryption(PASSWORD.encode()),
    )
    (folder / f"{MERCHANT_ID}.p12").write_bytes(p12)


def told_to_the_client(folder: Path, url: str, key: RSAPrivateKey) -> dict[str, str]:
    made = certificate(key, MERCHANT_ID, REPLY_KEY_ID).public_bytes(Encoding.DER)
    return {
        "certificate": base64.b64encode(made).decode(),
        "url": url,
        "merchant_id": MERCHANT_ID,
        "key_id": DEMO_KEY_ID,
        "secret": SECRET,
        "keys_directory": str(folder),
        "key_file_name": MERCHANT_ID,
        "key_password": PASSWORD,
        "mle_certificate_file": str(folder / "mle.pem"),
        "reply_key_id": REPLY_KEY_ID,
        "reply_key_file": str(folder / "reply.pem"),
    }


def complaints(lines: list[dict[str, Any]], ledger: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    found = [
        f"{line['way']}: {line['call']} was answered with {line['http']}, not "
        f"{EXPECTED[line['call']]} ({line.get('body', '')})"
        for line in lines
        if "http" in line and line["http"] != EXPECTED[line["call"]]
    ]
    seen = [(line["way"], line["call"]) for line in lines if "http" in line]
    if len(seen) != WAYS * len(EXPECTED) or len(set(seen)) != len(seen):
        found.append(f"{len(seen)} calls were made, not {WAYS * len(EXPECTED)}")
    found.extend(
        f"{line['way']}: the search found {line['rows']} rows"
        for line in lines
        if "rows" in line and (line["rows"], line["the sale"]) != (1, True)
    )
    if ledger["money"] != {"USD": MOVED}:
        found.append(f"the money moved is {ledger['money']}")
    return found + [f"turned away: {why}" for why in ledger["turned_away"]]


def main(python: str) -> int:
    """0 where the client and the simulator agree on everything."""
    folder = Path("build/interop/keys").absolute()
    key, reply_key = (generate_private_key(65537, 2048) for _ in range(2))
    settings = SimulatorSettings(
        merchant_id=MERCHANT_ID,
        shared_keys={DEMO_KEY_ID: SECRET},
        p12_public_keys={P12_KEY_ID: public_pem(key)},
        reply_public_keys={REPLY_KEY_ID: public_pem(reply_key)},
        index_lag_seconds=0,
    )
    with RunningSimulator(settings) as running:
        written_keys(folder, running.url, key=key, reply_key=reply_key)
        client = subprocess.run(
            [python, str(Path(__file__).with_name("sdk_calls.py"))],
            input=json.dumps(told_to_the_client(folder, running.url, reply_key)),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        ledger = requests.get(f"{running.url}/simulator/ledger", timeout=10).json()
    lines = [json.loads(line) for line in client.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        sys.stdout.write(json.dumps(line) + "\n")
    wrong = complaints(lines, ledger)
    if client.returncode != 0:
        wrong.append(client.stderr[-3000:])
    agreed = f"{len(lines)} lines, and both sides agree: {ledger['money']}"
    sys.stdout.write(("\n".join(wrong) or agreed) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
