"""Readers and jobs that an extension brings: in the worker, by command, and for the doctor."""

from __future__ import annotations

import json
import logging
import threading
from datetime import timedelta

import attrs
import pytest

from core.audit_log import AuditSearch, Subject
from core.use_cases.jobs.run_job import JobSchedule
from coursetill_testing.command_line import CommandLine
from entrypoints.composition.shop import with_extensions
from entrypoints.extensions.api import API, EventReader, Extension, Job, Parts
from entrypoints.extensions.loader import ExtensionCannotBeUsed, OpenExtension
from entrypoints.extensions.status import FAR_BEHIND, run_checks
from entrypoints.processes.worker import Worker
from tests.entrypoints.extensions.test_loader import opened

RUN = "6.431x-1T2027"
DAILY = JobSchedule(every=timedelta(days=1))


@attrs.define
class Club:
    """An extension that writes down which events it read and when it swept; either can fail."""

    offsets: list[int] = attrs.field(factory=list)
    names: list[str] = attrs.field(factory=list)
    swept: list[object] = attrs.field(factory=list)
    swept_once: threading.Event = attrs.field(factory=threading.Event)
    broken: bool = False

    def handle(self, logged):
        if self.broken:
            raise OSError("no disk")
        self.offsets.append(logged.offset)
        self.names.append(logged.event.name.value)

    def sweep(self, at):
        if self.broken:
            raise OSError("no broom")
        self.swept.append(at)
        self.swept_once.set()


def extended(till: CommandLine, club: Club, name: str = "club") -> CommandLine:
    parts = Parts(
        readers=(EventReader("books", club.handle),), jobs=(Job("sweep", club.sweep, DAILY),)
    )
    extension = Extension(name=name, api=API, open=lambda _: parts)
    one = OpenExtension(extension, None, parts)  # type: ignore[arg-type]  # Its host is not asked.
    return attrs.evolve(till, shop=with_extensions(till.shop, (one,)))


@pytest.fixture
def club() -> Club:
    return Club()


@pytest.fixture
def shop(till: CommandLine, club: Club) -> CommandLine:
    return extended(till, club)


def test_a_worker_round_reads_new_events_and_runs_due_jobs(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    worker = Worker(shop.shop)
    worker.round()
    assert club.names[:2] == ["order.placed", "order.paid"]
    assert club.swept == [shop.clock.now]
    read = list(club.offsets)
    worker.round()
    assert (club.offsets, len(club.swept)) == (read, 1)
    shop.clock.advance(days=1)
    worker.round()
    assert len(club.swept) == 2


def test_readers_get_every_event_and_letter_of_the_outbox(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    Worker(shop.shop).round()
    events = shop.shape("outbox", "list", "--limit", "500")["events"]
    assert club.names == [event["name"] for event in events]
    assert "letter.receipt" in club.names


def test_a_failing_extension_is_logged_once_and_blocks_no_other(
    till: CommandLine, club: Club, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Club(broken=True)
    both = extended(extended(till, bad, "bad"), club)
    both.paid(RUN)
    worker = Worker(both.shop)
    with caplog.at_level(logging.ERROR):
        worker.round()
        worker.round()
    assert (len(club.swept), len(both.receiver.heard)) == (1, 3)
    failures = [(each.getMessage(), bool(each.exc_info)) for each in caplog.records]
    again = "failed, the next round tries again"
    assert failures == [
        (f"bad/books {again}: no disk", True),
        (f"bad/sweep {again}: no broom", True),
        (f"bad/books {again}: no disk", False),
    ]


def test_a_hanging_job_blocks_no_other_extension(till: CommandLine, club: Club) -> None:
    let_go = threading.Event()
    slow = extended(till, Club(), "slow")
    stuck = attrs.evolve(
        slow.shop.extensions[0],
        parts=Parts(jobs=(Job("sleep", lambda _: let_go.wait(30), DAILY),)),
    )
    both = extended(attrs.evolve(till, shop=with_extensions(till.shop, (stuck,))), club)
    with Worker(both.shop, every=0.01):
        try:
            assert club.swept_once.wait(10)
        finally:
            let_go.set()


def test_maintenance_does_the_work_of_the_worker(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    assert "Ran 2 jobs of extensions." in shop.ok("upkeep")
    assert club.offsets == list(range(1, len(club.offsets) + 1))
    told = shop.shape("upkeep")
    assert (told["jobs"], told["failed_jobs"], len(club.swept)) == (1, [], 1)


def test_maintenance_names_failed_jobs(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    club.broken = True
    result = shop.run("upkeep")
    assert result.exit_code == 1
    assert "Failed: club/books: OSError: no disk" in result.stderr
    result = shop.run("upkeep", "--json")
    assert (result.exit_code, json.loads(result.stdout)["failed_jobs"]) == (1, ["club/books"])


def test_staff_see_the_lag_of_each_reader(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    [before] = shop.shape("outbox", "readers")["readers"]
    assert (before["reader"], before["checkpoint"]) == ("club/books", 0)
    assert before["behind"] > 0
    shop.ok("upkeep")
    [after] = shop.shape("outbox", "readers")["readers"]
    assert (after["checkpoint"], after["behind"]) == (before["behind"], 0)
    assert f"club/books{before['behind']:>12}{0:>8}" in shop.ok("outbox", "readers")


def test_a_shop_without_readers_shows_an_empty_list(till: CommandLine) -> None:
    assert till.shape("outbox", "readers") == {"readers": []}
    assert "No extension that is on reads events" in till.run("outbox", "readers").stderr


def test_staff_can_replay_every_event_to_a_reader(shop: CommandLine, club: Club) -> None:
    shop.paid(RUN)
    shop.ok("upkeep")
    first, end = list(club.names), len(club.names)
    again = ("outbox", "replay", "club/books", "--as", "ann", "--reason", "wrong rate")
    assert shop.ok(*again) == f"club/books goes on after event 0; it was at {end}.\n"
    shop.ok("upkeep")
    assert club.names == first * 2
    assert shop.shape(*again, "--after", "2") == {
        "reader": "club/books",
        "after": 2,
        "before": end,
    }
    shop.ok("upkeep")
    assert club.offsets[2 * end :] == list(range(3, end + 1))
    with shop.shop.read() as work:
        entries = work.audit_log.search(AuditSearch(subject=Subject("reader", "club/books")))
    assert [(entry.by.name, entry.why) for entry in entries] == [("ann", "wrong rate")] * 2


@pytest.mark.parametrize("name", ["club/pages", "books", "pub/books"])
def test_an_unknown_reader_is_not_found(shop: CommandLine, name: str) -> None:
    result = shop.run("outbox", "replay", name, "--as", "ann")
    assert result.exit_code == 3
    assert f"There is no reader {name}" in result.stderr
    assert "Next: coursetill outbox readers" in result.stderr


def test_the_doctor_reports_failed_jobs_and_lagging_readers(
    shop: CommandLine, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.extensions.status.FAR_BEHIND", 2)
    assert FAR_BEHIND > 2
    [one] = shop.shop.extensions
    shop.paid(RUN)
    club.broken = True
    shop.run("upkeep")
    found = run_checks(one, shop.shop.read)
    assert {each.state for each in found} == {"warning"}
    behind = shop.shape("outbox", "readers")["readers"][0]["behind"]
    assert [each.says for each in found] == [
        f"its reader club/books is {behind} events behind",
        "the last run of club/books failed: OSError: no disk",
        "the last run of club/sweep failed: OSError: no broom",
    ]
    club.broken = False
    shop.clock.advance(days=1)
    shop.run("upkeep")
    assert run_checks(one, shop.shop.read) == ()


def test_two_parts_with_one_name_stop_the_start() -> None:
    def handle(_: object) -> None: ...

    twice = Parts(readers=(EventReader("sweep", handle),), jobs=(Job("sweep", handle, DAILY),))
    with pytest.raises(ExtensionCannotBeUsed, match="two of its readers and jobs are named sweep"):
        opened(Extension(name="club", api=API, open=lambda _: twice))


@pytest.mark.parametrize("name", ["", "Books", "a/b", "a b"])
def test_the_name_of_a_reader_is_usable_in_a_command(name: str) -> None:
    with pytest.raises(ValueError, match="must match regex"):
        EventReader(name, lambda _: None)
