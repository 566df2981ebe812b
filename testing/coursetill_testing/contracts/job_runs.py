"""The contract of the records of recurring jobs."""

import pytest

from core.job_runs import JobRun
from coursetill_testing.contracts.samples import NOW, changing, hours

LIMIT = NOW + hours(1)
TOMORROW = NOW + hours(24)


def claim(shop, by="one", at=NOW, until=LIMIT, job="club/sweep"):
    with changing(shop.begin) as work:
        return work.job_runs.claim(job, by, at, until=until)


def finish(shop, by="one", due_at=TOMORROW, error=None, job="club/sweep"):
    with changing(shop.begin) as work:
        work.job_runs.finish(job, by, due_at=due_at, error=error)


def runs(shop):
    with shop.read() as work:
        return work.job_runs.all()


def test_a_job_that_never_ran_is_due(shop):
    assert claim(shop)
    assert runs(shop) == (JobRun("club/sweep", None, NOW, "one", LIMIT, None),)


def test_a_job_has_one_run_at_a_time_until_its_time_limit(shop):
    claim(shop)
    assert not claim(shop, "two")
    assert not claim(shop, "two", at=LIMIT - hours(0.01))
    assert claim(shop, "two", at=LIMIT, until=LIMIT + hours(1))


def test_an_uncommitted_claim_does_not_count(shop):
    with shop.begin() as work:
        work.job_runs.claim("club/sweep", "one", NOW, until=LIMIT)
    assert runs(shop) == ()
    assert claim(shop, "two")


def test_a_finished_job_is_due_at_its_next_time(shop):
    claim(shop)
    finish(shop, due_at=NOW + hours(24))
    assert not claim(shop, at=NOW + hours(23.99))
    assert claim(shop, at=NOW + hours(24), until=NOW + hours(25))


@pytest.mark.parametrize("error", [None, "ValueError: «no»"])
def test_the_outcome_of_the_last_run_is_stored(shop, error):
    claim(shop)
    finish(shop, error="OSError: before")
    claim(shop, at=NOW + hours(24), until=NOW + hours(25))
    finish(shop, due_at=NOW + hours(48), error=error)
    assert runs(shop) == (
        JobRun("club/sweep", NOW + hours(48), NOW + hours(24), None, None, error),
    )


def test_a_run_that_lost_its_claim_records_nothing(shop):
    claim(shop)
    claim(shop, "two", at=LIMIT, until=LIMIT + hours(1))
    before = runs(shop)
    finish(shop, "one", error="late")
    assert runs(shop) == before


def test_jobs_are_independent_and_sorted_by_name(shop):
    assert claim(shop, job="pub/sweep")
    assert claim(shop, job="club/sweep")
    finish(shop, job="pub/sweep")
    assert [run.job for run in runs(shop)] == ["club/sweep", "pub/sweep"]
    assert [run.claimed_by for run in runs(shop)] == ["one", None]


def test_finishing_a_job_that_was_not_started_records_nothing(shop):
    finish(shop)
    assert runs(shop) == ()
