"""Commands about people: what is held about somebody, and how they are forgotten."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from core.identity import LearnerId
from core.order_reference import Reference
from coursetill_testing.command_line import ADA, BOB, CommandLine
from entrypoints.extensions.api import API, Extension, Parts
from entrypoints.extensions.loader import OpenExtension
from tests.entrypoints.cli.processes import at_a_terminal

SKU = "6.431x-1T2027"
WHY = ("--reason", "asked by letter")


@attrs.define
class Vouchers:
    """The records of an extension that keeps what somebody's employer wrote."""

    kept: dict[str, str] = attrs.field(factory=dict)

    def export(self, learner: LearnerId, email: str, /) -> Mapping[str, Any]:
        return {"employer": self.kept[email]} if email in self.kept else {}

    def forget(self, learner: LearnerId, email: str, /) -> None:
        self.kept.pop(email, None)


@pytest.fixture
def sold(till: CommandLine) -> Reference:
    return till.paid(SKU)


@pytest.fixture
def vouchers() -> Vouchers:
    return Vouchers({"ada@example.org": "Analytical Engines Ltd"})


@pytest.fixture
def extended(till: CommandLine, vouchers: Vouchers) -> CommandLine:
    parts = Parts(records=vouchers)
    extension = Extension(name="vouchers", api=API, open=lambda _: parts)
    opened = OpenExtension(extension, None, parts)  # type: ignore[arg-type]  # Its host is not asked.
    return attrs.evolve(till, shop=attrs.evolve(till.shop, extensions=(opened,)))


@pytest.mark.parametrize("who", [ADA.id, ADA.email, "ADA@Example.org"])
def test_the_export_holds_all_data_of_a_learner(
    till: CommandLine, sold: Reference, who: str
) -> None:
    till.paid(SKU, learner=BOB)
    told = json.loads(till.ok("learners", "export", who))
    assert (told["ids"], told["emails"], told["names"]) == (
        ["ada-1"],
        ["ada@example.org"],
        ["Ada Lovelace"],
    )
    assert told["orders"] == [till.shape("orders", "show", sold)]


def test_export_and_erasure_include_data_of_extensions(
    extended: CommandLine, vouchers: Vouchers
) -> None:
    extended.paid(SKU)
    told = json.loads(extended.ok("learners", "export", ADA.email))
    assert told["extensions"] == {"vouchers": [{"employer": "Analytical Engines Ltd"}]}
    assert "what vouchers keeps" in extended.ok("learners", "forget", ADA.id, *WHY, "--dry-run")
    assert vouchers.kept
    extended.ok("learners", "forget", ADA.id, *WHY, "--yes")
    assert vouchers.kept == {}


def test_a_learner_known_only_to_an_extension_is_found(
    extended: CommandLine, vouchers: Vouchers
) -> None:
    extended.ok("learners", "forget", ADA.email, *WHY, "--yes")
    assert vouchers.kept == {}
    [entry, *_] = extended.shape("journal")["entries"]
    assert "what vouchers kept is gone" in entry["what"]
    assert entry["why"] == "asked by letter"


def test_an_export_file_is_readable_by_its_owner_only(
    till: CommandLine, sold: Reference, tmp_path: Path
) -> None:
    path = tmp_path / "ada.json"
    till.ok("learners", "export", ADA.email, "--out", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text("utf-8"))["orders"][0]["reference"] == sold


def test_a_dry_run_shows_the_erasure_and_changes_nothing(
    till: CommandLine, sold: Reference
) -> None:
    told = till.ok("learners", "forget", ADA.email, *WHY, "--dry-run")
    assert "About ada-1, ada@example.org:" in told
    assert sold in told
    assert "amounts, lines, references and transactions stay" in told
    assert till.shape("orders", "show", sold)["learner"]["name"] == "Ada Lovelace"


def test_a_dry_run_lists_events_that_would_be_abandoned(till: CommandLine, sold: Reference) -> None:
    till.ok("outbox", "deliver")
    given_up = till.shape("learners", "forget", ADA.email, *WHY, "--dry-run")["given_up"]
    assert given_up == len(till.shape("outbox", "list", "--state", "waiting")["events"]) > 0
    told = till.ok("learners", "forget", ADA.email, *WHY, "--dry-run")
    assert "still waiting: given up on, nobody is told any more" in told


def test_the_reason_of_a_cancellation_names_nobody_after_erasure(till: CommandLine) -> None:
    reference = till.ordered(SKU)
    till.ok("orders", "cancel", reference, "--reason", "Ada Lovelace rang", "--yes")
    till.ok("learners", "forget", ADA.email, *WHY, "--yes")
    assert "Lovelace" not in till.ok("orders", "show", reference, "--json")


@pytest.mark.parametrize("verb", ["export", "forget"])
def test_an_empty_learner_is_refused(till: CommandLine, verb: str) -> None:
    options = (*WHY, "--yes") if verb == "forget" else ()
    result = till.run("learners", verb, " ", *options)
    assert result.exit_code == 2
    assert "Say whom" in result.stderr


def test_an_unknown_learner_is_not_found(till: CommandLine) -> None:
    result = till.run("learners", "export", "Ada Lovelace")
    assert result.stderr == "Nothing is held about Ada Lovelace.\n"
    assert json.loads(result.stdout)["orders"] == []


def test_an_unwritable_file_is_wrong_usage(till: CommandLine, tmp_path: Path) -> None:
    result = till.run("learners", "export", ADA.email, "--out", str(tmp_path / "no" / "ada.json"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_an_export_replaces_a_file_with_wider_permissions(
    till: CommandLine, sold: Reference, tmp_path: Path
) -> None:
    path = tmp_path / "ada.json"
    path.touch(mode=0o644)
    till.ok("learners", "export", ADA.email, "--out", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_after_erasure_only_the_order_is_found(till: CommandLine, sold: Reference) -> None:
    till.ok("orders", "note", sold, "Ada's sister rang")
    before = till.shape("orders", "show", sold)
    assert "Forgotten" in till.ok("learners", "forget", ADA.email, *WHY, "--yes")
    after = till.shape("orders", "show", sold)
    assert (after["total"], after["lines"], after["transactions"]) == (
        before["total"],
        before["lines"],
        before["transactions"],
    )
    told = json.dumps(after).casefold()
    assert [name for name in ("ada-1", "ada@", "lovelace", "sister") if name in told] == []
    assert till.shape("orders", "find", "--email", ADA.email)["orders"] == []
    told = till.ok("learners", "forget", ADA.email, *WHY, "--yes")
    assert "Forgotten" not in told
    assert json.loads(till.ok("learners", "export", ADA.email))["orders"] == []


def test_an_open_order_blocks_erasure(till: CommandLine) -> None:
    reference = till.ordered(SKU)
    problem = till.problem("learners", "forget", ADA.id, *WHY, "--yes")
    assert problem["exit_code"] == 1
    assert f"the payment of order {reference} is still under way" in problem["detail"]


def test_erasure_without_a_terminal_requires_yes(till: CommandLine, sold: Reference) -> None:
    result = till.run("learners", "forget", ADA.id, *WHY)
    assert result.exit_code == 2
    assert "add --yes" in result.stderr


@pytest.mark.parametrize(("answer", "name"), [("n\n", "Ada Lovelace"), ("y\n", "")])
def test_erasure_at_a_terminal_asks_for_confirmation(
    till: CommandLine, sold: Reference, answer: str, name: str
) -> None:
    url = till.shop.settings.database_url
    command = ("learners", "forget", ADA.id, *WHY, "--as", "ann")
    seen = at_a_terminal(*command, typed=answer, COURSETILL_DATABASE_URL=url)
    assert "Forget ada-1, ada@example.org for good?" in seen.text
    assert till.shape("orders", "show", sold)["learner"]["name"] == name


def test_the_journal_names_who_erased_and_not_whom(till: CommandLine, sold: Reference) -> None:
    till.ok("learners", "forget", ADA.id, *WHY, "--yes", "--as", "zoe")
    [entry, *_] = till.shape("journal", "--staff", "zoe")["entries"]
    assert entry["why"] == "asked by letter"
    assert entry["about"]["kind"] == "learner"
    assert "ada" not in entry["about"]["id"]
