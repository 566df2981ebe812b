"""The page of all errors holds the public types as they were published."""

from pathlib import Path

from entrypoints.cli.app.error_reference import reference

ROOT = Path(__file__).parents[3]

PUBLISHED_UNDER_OTHER_NAMES = {
    "AlreadyReceived": "heard-before",
    "NothingToResolve": "nothing-to-attend",
    "OrdersUnderWay": "still-under-way",
    "RefundNotAccepted": "refund-failed",
    "RefundOutcomeUnknown": "refund-unknown",
    "RefundRequestIsAnswered": "request-is-answered",
    "UnknownInboxMessage": "unknown-message",
    "UnknownRefundRequest": "unknown-request",
}
"""Errors that were renamed after their types were published: the types stayed."""


def test_the_page_of_all_errors_matches_the_tables() -> None:
    kept = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert kept == reference(), (
        "make reference writes it again. A type that was published never changes: "
        "a difference in the first column must be a new error, or one that is gone"
    )


def test_problem_types_are_independent_of_error_class_names() -> None:
    page = reference()
    for name, published in PUBLISHED_UNDER_OTHER_NAMES.items():
        assert f"| `{published}` | `{name}` |" in page
