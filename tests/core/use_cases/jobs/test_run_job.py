"""Recurring jobs: when they run, and what becomes of one that fails."""

from datetime import timedelta

import pytest

from adapters.memory import MemoryShop
from core.use_cases.jobs.run_job import LONGEST_ERROR, JobSchedule, run_job
from coursetill_testing.contracts.samples import NOW

DAILY = JobSchedule(every=timedelta(days=1))


@pytest.fixture
def shop():
    return MemoryShop()


def run(shop, work=lambda: None, at=NOW, schedule=DAILY, holder="one"):
    return run_job("club/sweep", work, schedule=schedule, holder=holder, begin=shop.begin, now=at)


def only_run(shop):
    with shop.read() as work:
        [found] = work.job_runs.all()
        return found


def test_a_job_runs_at_once_and_then_after_its_interval(shop):
    assert run(shop).error is None
    assert run(shop, at=NOW + timedelta(hours=23)) is None
    assert run(shop, at=NOW + timedelta(days=1)).job == "club/sweep"


def test_a_job_without_interval_is_always_due(shop):
    assert run(shop, schedule=JobSchedule()) is not None
    assert run(shop, schedule=JobSchedule()) is not None


def test_a_failed_job_is_logged_stored_and_due_after_its_interval(shop):
    def fail():
        raise OSError("x" * 1000)

    result = run(shop, fail)
    assert isinstance(result.error, OSError)
    kept = only_run(shop)
    assert (kept.due_at, kept.claimed_by) == (NOW + timedelta(days=1), None)
    assert kept.last_error.startswith("OSError: xxx")
    assert len(kept.last_error) == LONGEST_ERROR
    run(shop, at=NOW + timedelta(days=1))
    assert only_run(shop).last_error is None


def test_a_running_job_is_not_started_again(shop):
    inside = []
    run(shop, lambda: inside.append(run(shop, holder="two")))
    assert inside == [None]


def test_a_job_past_its_time_limit_can_be_started_by_another_process(shop):
    schedule = JobSchedule(every=timedelta(days=1), time_limit=timedelta(minutes=1))
    inside = []

    def slow():
        later = NOW + timedelta(minutes=1)
        inside.append(run(shop, at=later, schedule=schedule, holder="two"))

    run(shop, slow, schedule=schedule)
    assert [result.error for result in inside] == [None]
    assert only_run(shop).due_at == NOW + timedelta(days=1, minutes=1)


def test_a_job_of_a_crashed_process_can_be_started_after_its_time_limit(shop):
    with pytest.raises(KeyboardInterrupt):
        run(shop, lambda: (_ for _ in ()).throw(KeyboardInterrupt()))
    assert run(shop, holder="two") is None
    assert run(shop, at=NOW + timedelta(minutes=10), holder="two") is not None


@pytest.mark.parametrize("wrong", [{"every": timedelta(seconds=-1)}, {"time_limit": timedelta(0)}])
def test_an_invalid_schedule_is_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        JobSchedule(**wrong)
