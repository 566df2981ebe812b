"""The settings of the account at CyberSource: ways to sign, several keys, encrypted messages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from adapters.cybersource.rest.endpoints import ENCRYPTABLE as FAMILIES
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from entrypoints.composition.gateways.cybersource import open_cybersource
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.settings.gateways.cybersource import ENCRYPTABLE
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import read_settings
from tests.adapters.cybersource.vectors import (
    CYBERSOURCE_KEY,
    FOLDER,
    MERCHANT_ID,
    OWN_SHARED,
    P12_PASSWORD,
    REPLY_KEY,
    REPLY_KEY_ID,
)
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving
from tests.entrypoints.settings.test_shop import GATEWAY, problems

ACCOUNT = "COURSETILL_CYBERSOURCE_"
ANOTHER = "d29ydGhsZXNzLXNlY3JldC1vZi10aGUtdGVzdHM="
P12 = {
    f"{ACCOUNT}P12_FILE": str(FOLDER / "sim_merchant_001.p12"),
    f"{ACCOUNT}P12_PASSWORD": P12_PASSWORD,
}
SHARED = {
    f"{ACCOUNT}KEY_ID": OWN_SHARED.key_id,
    f"{ACCOUNT}SHARED_SECRET": OWN_SHARED.secret,
}
REPLIES = {
    f"{ACCOUNT}ENCRYPT_REPLIES": "all",
    f"{ACCOUNT}REPLY_KEY_ID": REPLY_KEY_ID,
    f"{ACCOUNT}REPLY_KEY_FILE": str(FOLDER / "response_mle_private.pem"),
}


@pytest.fixture(scope="module")
def account() -> Iterator[dict[str, str]]:
    """A simulator that knows the keys of the vectors, and the settings that lead to it."""
    told = SimulatorSettings(
        merchant_id=MERCHANT_ID,
        shared_keys={OWN_SHARED.key_id: OWN_SHARED.secret},
        p12_public_keys={"7700000000000000000001": (FOLDER / "merchant_public.pem").read_text()},
        mle_private_keys={"1701234567890123456789": CYBERSOURCE_KEY.decode()},
        mle_mandatory=("searches",),
        reply_public_keys={
            REPLY_KEY_ID: RSAKey.import_key(REPLY_KEY).as_pem(private=False).decode()
        },
    )
    with RunningSimulator(told) as simulator:
        yield {
            f"{ACCOUNT}URL": simulator.url,
            f"{ACCOUNT}MERCHANT_ID": MERCHANT_ID,
            f"{ACCOUNT}SIMULATOR": "yes",
        }


@pytest.fixture(scope="module")
def plain(account: dict[str, str]) -> Iterator[dict[str, str]]:
    """The same where no message has to be encrypted."""
    told = SimulatorSettings(
        merchant_id=MERCHANT_ID,
        shared_keys={OWN_SHARED.key_id: OWN_SHARED.secret},
        p12_public_keys={"7700000000000000000001": (FOLDER / "merchant_public.pem").read_text()},
    )
    with RunningSimulator(told) as simulator:
        yield {**account, f"{ACCOUNT}URL": simulator.url}


def checked(*settings: dict[str, str], **more: str) -> tuple[int, list[str], str]:
    """How `cybersource check` ends, what it warns of, and what it says went wrong."""
    environ = {name: text for each in settings for name, text in each.items()} | {
        ACCOUNT + name: text for name, text in more.items()
    }
    done = inside("cybersource", "check", "--json", **environ)
    told: dict[str, Any] = json.loads(done.stdout or "{}")
    for secret in (P12_PASSWORD, OWN_SHARED.secret, ANOTHER):
        assert secret not in done.stdout + done.stderr
    return done.returncode, told.get("warnings", []), done.stderr


def test_the_encryption_options_match_the_adapter() -> None:
    assert set(ENCRYPTABLE) == {family.value for family in FAMILIES}


def test_a_p12_file_is_a_complete_key(plain: dict[str, str], tmp_path: Path) -> None:
    assert checked(plain, P12)[0] == 0
    kept = tmp_path / "password"
    kept.write_text(f"{P12_PASSWORD}\n", encoding="utf-8")
    file = {f"{ACCOUNT}P12_FILE": P12[f"{ACCOUNT}P12_FILE"]}
    assert checked(plain, file, P12_PASSWORD_FILE=str(kept))[0] == 0


def test_a_p12_file_with_a_wrong_password_is_named(plain: dict[str, str]) -> None:
    code, _, said = checked(plain, P12, P12_PASSWORD="another")
    assert code == 2
    assert f"{ACCOUNT}P12_FILE: the P12 file cannot be opened" in said


def test_the_next_key_signs_after_the_first_has_ended(plain: dict[str, str]) -> None:
    first = {f"{ACCOUNT}KEY_ID": "an-old-key", f"{ACCOUNT}SHARED_SECRET": ANOTHER}
    more = f"{OWN_SHARED.key_id}:{OWN_SHARED.secret}:2999-01-01"
    assert checked(plain, first, MORE_KEYS=more, KEY_ENDS="2999-01-01")[0] == 75
    code, warnings, _ = checked(plain, first, MORE_KEYS=more, KEY_ENDS="2026-01-01")
    assert code == 0
    assert [said.partition(". ")[0] for said in warnings] == [
        "The REST key an-old-key ended on 2026-01-01"
    ]


def test_more_keys_need_no_first_key(plain: dict[str, str]) -> None:
    assert checked(plain, MORE_KEYS=f"{OWN_SHARED.key_id}:{OWN_SHARED.secret}")[0] == 0


def test_http_signature_works_and_gives_a_warning(plain: dict[str, str]) -> None:
    code, warnings, _ = checked(plain, SHARED, SIGNATURE="http")
    assert code == 0
    assert ["March 2027" in said for said in warnings] == [True]
    assert checked(plain, SHARED, SIGNATURE="jwt")[:2] == (0, [])


def test_messages_are_encrypted_if_enabled(account: dict[str, str]) -> None:
    certificate = {
        f"{ACCOUNT}ENCRYPTION_CERTIFICATE_FILE": str(FOLDER / "sjc_mle_request_cert.pem")
    }
    assert checked(account, SHARED)[0] == 75
    assert checked(account, SHARED, certificate, ENCRYPT_REQUESTS="payments")[0] == 75
    for wanted in ("all", "searches"):
        assert checked(account, SHARED, certificate, ENCRYPT_REQUESTS=wanted)[0] == 0
    assert checked(account, SHARED, certificate, REPLIES, ENCRYPT_REQUESTS="all")[0] == 0


def test_encrypted_replies_are_requested_with_a_key_registered_at_cybersource(
    plain: dict[str, str],
) -> None:
    assert checked(plain, SHARED)[0] == 0
    assert checked(plain, SHARED, REPLIES)[0] == 75
    assert checked(plain, SHARED, REPLIES, ENCRYPT_REPLIES="payments")[0] == 0


def test_the_doctor_warns_of_keys_that_end_soon(plain: dict[str, str], sqlite_url: str) -> None:
    settings = {**plain, **SHARED, "COURSETILL_DATABASE_URL": sqlite_url}
    done = inside(
        "doctor",
        **settings,
        **{f"{ACCOUNT}SIGNATURE": "http", f"{ACCOUNT}KEY_ENDS": "2026-01-01"},
    )
    assert done.returncode == 0, done.stdout
    assert "ok       gateway: the simulator answers and accepts our key" in done.stdout
    assert "warning  gateway: HTTP Signature is what requests are signed with." in done.stdout
    assert f"warning  gateway: The REST key {OWN_SHARED.key_id} ended on 2026-01-01" in done.stdout


def test_an_ended_key_is_reported_beside_the_refusal_it_causes(
    plain: dict[str, str],
) -> None:
    wrong = {f"{ACCOUNT}KEY_ID": "an-old-key", f"{ACCOUNT}SHARED_SECRET": ANOTHER}
    done = inside("doctor", **plain, **wrong, **{f"{ACCOUNT}KEY_ENDS": "2026-01-01"})
    assert "problem  gateway: " in done.stdout
    assert "The REST key an-old-key ended on 2026-01-01" in done.stdout


def test_every_start_warns_of_http_signature(
    plain: dict[str, str], sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        **plain,
        **SHARED,
        f"{ACCOUNT}SIGNATURE": "http",
        "PORT": str(free_port()),
        "COURSETILL_DATABASE_URL": sqlite_url,
        "COURSETILL_SECRET_KEY": "a-key-for-tests-that-is-long-enough",
        "COURSETILL_SIGN_IN": "demo",
    }
    ready = "INFO coursetill.serving serving"
    with serving("serve", ready=ready, settings=settings, folder=tmp_path) as server:
        code, said, _ = server.stopped()
    assert code == 0
    assert "WARNING coursetill.serving HTTP Signature is what requests are signed with" in said


USUAL = {name: GATEWAY[name] for name in (f"{ACCOUNT}URL", f"{ACCOUNT}MERCHANT_ID")}


def test_every_invalid_setting_is_named_without_a_secret() -> None:
    said = problems(
        **USUAL,
        COURSETILL_CYBERSOURCE_KEY_ENDS="soon",
        COURSETILL_CYBERSOURCE_MORE_KEYS=f"a-key:{ANOTHER} b-key:short",
        COURSETILL_CYBERSOURCE_SIGNATURE="none",
        COURSETILL_CYBERSOURCE_P12_PASSWORD=P12_PASSWORD,
        COURSETILL_CYBERSOURCE_ENCRYPT_REQUESTS="sessions",
        COURSETILL_CYBERSOURCE_ENCRYPT_REPLIES="all",
    )
    named = [each.split()[0].removeprefix(ACCOUNT) for each in said]
    assert named == [
        *("KEY_ENDS", "MORE_KEYS", "P12_FILE", "SIGNATURE", "ENCRYPT_REQUESTS", "ENCRYPT_REPLIES"),
    ]
    assert "has no key in place 2" in said[1]
    assert not any(secret in " ".join(said) for secret in (ANOTHER, "short", P12_PASSWORD))


@pytest.mark.parametrize(
    "more",
    [
        "a-key",
        f"a-key:{ANOTHER}:2029-11-22:x",
        f"a_key:{ANOTHER}",
        f"a-key:{ANOTHER}:2029-13-01",
        "a-key:c2hvcnQ=",
    ],
)
def test_a_malformed_key_is_refused(more: str) -> None:
    (said,) = problems(**USUAL, COURSETILL_CYBERSOURCE_MORE_KEYS=more)
    assert said.startswith(f"{ACCOUNT}MORE_KEYS ")
    assert ANOTHER not in said


def test_a_shared_secret_beside_other_keys_requires_its_id() -> None:
    (said,) = problems(**USUAL, **P12, COURSETILL_CYBERSOURCE_SHARED_SECRET=ANOTHER)
    assert said.startswith(f"{ACCOUNT}KEY_ID is missing")


def test_a_password_is_set_in_one_way_only() -> None:
    for wrong in ({f"{ACCOUNT}P12_PASSWORD_FILE": "x"}, {f"{ACCOUNT}P12_PASSWORD": ""}):
        (said,) = problems(**{**USUAL, **P12, **wrong})
        assert "one of the two" in said


def test_every_unreadable_file_is_named() -> None:
    settings = read_settings(
        {
            **USUAL,
            f"{ACCOUNT}P12_FILE": "/nowhere/a.p12",
            f"{ACCOUNT}P12_PASSWORD_FILE": "/nowhere/password",
            f"{ACCOUNT}SIGNATURE": "http",
            f"{ACCOUNT}ENCRYPT_REQUESTS": "all",
            f"{ACCOUNT}ENCRYPTION_CERTIFICATE_FILE": "/nowhere/a.pem",
            **REPLIES,
            f"{ACCOUNT}REPLY_KEY_FILE": "/nowhere/b.pem",
        }
    )
    with pytest.raises(SettingsAreWrong) as wrong:
        open_cybersource(setup_in(settings).account, "https://shop.example.org")
    named = [said.partition(":")[0].removeprefix(ACCOUNT) for said in wrong.value.problems]
    assert named[:4] == [
        *("P12_PASSWORD_FILE", "P12_FILE", "ENCRYPTION_CERTIFICATE_FILE", "REPLY_KEY_FILE"),
    ]
    assert set(named[4:]) == {"SIGNATURE"}


def test_printed_settings_show_no_secret() -> None:
    settings = read_settings({**USUAL, **P12, f"{ACCOUNT}MORE_KEYS": f"a-key:{ANOTHER}"})
    assert ANOTHER not in repr(settings)
    assert P12_PASSWORD not in repr(settings)
