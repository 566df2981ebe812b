"""The commands for many discounts: generate, import, export, extend, expire, assign."""

import csv
import io
import re
from pathlib import Path

import pytest

from core.use_cases.discounts.import_discounts import COLUMNS
from coursetill_testing.command_line import ADA, BOB, CommandLine
from entrypoints.composition.clock_and_ids import CODE_LETTERS, new_code

PERCENT = ("--kind", "percent-off", "--amount", "12.5")
UNTIL = "2027-06-30T00:00:00+00:00"


def generate(till: CommandLine, count: int, *more: str, batch: str = "flyers") -> str:
    options = ("--count", str(count), "--prefix", "SPRING", "--batch", batch, *PERCENT)
    return till.ok("discounts", "generate", *options, *more)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def listed(till: CommandLine, *more: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = till.shape("discounts", "list", *more)["discounts"]
    return found


def test_generated_codes_are_written_in_the_export_format(
    till: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "codes.csv"
    told = generate(till, 20, "--out", str(file))
    assert told == 'Created 20 codes in batch "flyers": 12.5 % off.\n'
    written = rows(file.read_text())
    assert tuple(written[0]) == COLUMNS
    exported = till.ok("discounts", "export", "--batch", "flyers")
    assert sorted(r["code"] for r in rows(exported)) == sorted(r["code"] for r in written)
    assert all(re.fullmatch(r"SPRING(-[2-9A-Z]{4}){3}", row["code"]) for row in written)


def test_generated_codes_can_go_to_stdout_with_messages_on_stderr(till: CommandLine) -> None:
    options = ("--count", "3", "--batch", "flyers", *PERCENT, "--out", "-")
    done = till.run("discounts", "generate", *options)
    assert len(rows(done.stdout)) == 3
    assert "Created 3 codes" in done.stderr


def test_an_export_can_be_one_json_object(till: CommandLine) -> None:
    assert till.shape("discounts", "export") == {"discounts": []}
    generate(till, 3)
    assert till.shape("discounts", "export")["discounts"] == listed(till)


def test_no_code_is_made_if_the_file_cannot_be_written(till: CommandLine, tmp_path: Path) -> None:
    options = ("--count", "3", *PERCENT, "--out", str(tmp_path / "none" / "codes.csv"))
    done = till.run("discounts", "generate", *options)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
    assert listed(till) == []


def test_a_dry_run_generates_nothing_and_keeps_the_file(till: CommandLine, tmp_path: Path) -> None:
    told = generate(till, 3, "--dry-run")
    assert told.startswith("Would create 3 codes like SPRING-")
    assert listed(till) == []


def test_an_existing_batch_is_not_made_again(till: CommandLine) -> None:
    generate(till, 2)
    problem = till.problem("discounts", "generate", "--count", "2", "--batch", "flyers", *PERCENT)
    assert problem["type"] == "urn:coursetill:batch-is-taken"
    assert len(listed(till)) == 2


def test_codes_have_no_ambiguous_letters() -> None:
    assert not set("01ILOU") & set(CODE_LETTERS)
    drawn = {new_code("", 8).text for _ in range(500)}
    assert len(drawn) == 500
    assert {letter for code in drawn for letter in code} == {*CODE_LETTERS, "-"}


def test_an_export_can_be_imported_elsewhere_and_a_second_import_changes_nothing(
    till: CommandLine,
) -> None:
    generate(till, 3, "--sku", "SDS", "--max", "7", "--until", UNTIL)
    exported = till.ok("discounts", "export")
    moved = exported.replace("SPRING-", "MOVED-").replace("flyers", "moved")
    done = till.run("discounts", "import", "-", typed=moved)
    assert done.stdout == "Added 3 discounts in moved, unchanged 0, newly assigned 0.\n"
    again = till.run("discounts", "import", "-", "--json", typed=moved)
    assert '"unchanged": 3' in again.stdout
    back = till.ok("discounts", "export", "--prefix", "MOVED")
    assert back.replace("MOVED-", "SPRING-").replace("moved", "flyers") == exported


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "the column code is missing"),
        ("code,kind\n", "the column amount is missing"),
        ("code,kind,amount,colour\n", '"colour" is not a column'),
        ("code,kind,amount,code\n", "a column stands there twice"),
        ("code,kind,amount\nA,percent-off\n", "line 2, cells: 2 of them"),
        ("code,kind,amount\nA,percent-off,0\nB,half,1\n", "2 problems"),
    ],
)
def test_an_invalid_file_changes_nothing_and_its_lines_are_named(
    till: CommandLine, text: str, said: str
) -> None:
    done = till.run("discounts", "import", "-", typed=text)
    assert (done.exit_code, said in done.stderr) == (1, True), done.stderr
    assert listed(till) == []


def test_an_expired_batch_can_be_extended(till: CommandLine) -> None:
    generate(till, 2)
    till.ok("discounts", "expire", "--batch", "flyers", "--yes")
    assert not any(each["usable"] for each in listed(till))
    planned = till.ok("discounts", "extend", "--prefix", "spr", "--until", UNTIL, "--dry-run")
    assert planned == ("Would extend 2 discounts of 2 selected (codes that begin with SPR).\n")
    assert not any(each["usable"] for each in listed(till))
    told = till.ok("discounts", "extend", "--prefix", "spr", "--until", UNTIL, "--yes")
    assert told == "Extended 2 discounts of 2 selected (codes that begin with SPR).\n"
    assert all(each["usable"] for each in listed(till))


def test_only_changes_of_many_codes_ask_for_confirmation(till: CommandLine) -> None:
    generate(till, 2)
    done = till.run("discounts", "expire", "--batch", "flyers")
    assert (done.exit_code, "add --yes" in done.stderr) == (2, True)
    assert all(each["usable"] for each in listed(till))
    code = str(listed(till)[0]["code"])
    assert till.shape("discounts", "expire", code) == {
        "selected": 1,
        "changed": 1,
        "dry_run": False,
    }


@pytest.mark.parametrize(
    "which", [(), ("A", "--prefix", "A"), ("--prefix", "A", "--batch", "b"), ("--prefix", "")]
)
def test_a_selection_uses_exactly_one_criterion(till: CommandLine, which: tuple[str, ...]) -> None:
    done = till.run("discounts", "expire", *which, "--yes")
    assert (done.exit_code, "in one way" in done.stderr) == (2, True)


def test_an_empty_selection_is_an_error(till: CommandLine) -> None:
    problem = till.problem("discounts", "expire", "--batch", "nothing", "--yes")
    assert (problem["status"], problem["next"]) == (404, "coursetill discounts list")


def test_learners_are_assigned_by_id_or_address_or_from_a_file(
    till: CommandLine, tmp_path: Path
) -> None:
    generate(till, 2, "--source", "assigned")
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{ADA.id}\n\n{BOB.id}\n", encoding="utf-8")
    options = ("--learners-from", str(ids), "--emails-from", "-", "--email", "cy@example.org")
    done = till.run(
        "discounts", "assign", "--batch", "flyers", *options, "--yes", typed="Zoe@Example.org\n"
    )
    assert done.stdout == 'Made 8 new assignments of 2 selected (batch "flyers").\n', done.stderr
    code = str(listed(till)[0]["code"])
    shown = till.shape("discounts", "show", code)
    assert shown["learners"] == sorted([ADA.id, BOB.id])
    assert shown["emails"] == ["cy@example.org", "zoe@example.org"]
    assert "Whose   ada-1, bob-2, cy@example.org, zoe@example.org" in till.ok(
        "discounts", "show", code
    )
    till.ordered("24.09x-1T2027")
    assert till.shape("discounts", "show", code)["used"] == 1


@pytest.mark.parametrize(
    "to, said",
    [
        ((), "Say to whom"),
        (("--email", "zoe"), "is not an e-mail address"),
        (("--learners-from", "-", "--emails-from", "-"), "Only one of them"),
    ],
)
def test_an_invalid_learner_is_not_assigned(
    till: CommandLine, to: tuple[str, ...], said: str
) -> None:
    generate(till, 1, "--source", "assigned")
    done = till.run("discounts", "assign", "--batch", "flyers", *to, "--yes", typed="")
    assert done.exit_code in {1, 2}
    assert said in done.stderr


def test_each_code_shows_actions_on_its_batch_with_actor_and_reason(till: CommandLine) -> None:
    generate(till, 2, "--as", "ann", "--reason", "for the fair")
    till.ok("discounts", "expire", "--prefix", "SPRING", "--yes", "--as", "bob")
    code = str(listed(till)[0]["code"])
    journal = till.shape("discounts", "show", code)["journal"]
    assert [(entry["by"], entry["why"]) for entry in journal] == [
        ("staff bob", ""),
        ("staff ann", "for the fair"),
    ]
    assert "generated 2 codes: 12.5 % off" in till.ok("discounts", "show", code)


def test_a_formula_like_address_is_exported_as_text_and_imported_unchanged(
    till: CommandLine, tmp_path: Path
) -> None:
    address = "=cmd|'/c'!a0@example.org"
    assigned = ("--kind", "percent-off", "--amount", "10", "--source", "assigned")
    till.ok("discounts", "create", "HERS", *assigned, "--email", address)
    told = till.ok("discounts", "export", "HERS")
    cells = [cell for row in rows(told) for cell in row.values()]
    assert [cell for cell in cells if address in cell] == [f"'{address}"]
    path = tmp_path / "codes.csv"
    path.write_text(told)
    assert till.ok("discounts", "import", str(path)).endswith("unchanged 1, newly assigned 0.\n")
