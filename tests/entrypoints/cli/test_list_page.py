"""The common end of every list command."""

import json

import pytest

from entrypoints.cli.output import terminal
from entrypoints.cli.output.list_page import Page, page_of, print_page


@pytest.mark.parametrize(
    ("found", "shown", "following"),
    [("", "", None), ("a", "a", None), ("ab", "ab", None), ("abc", "ab", "B"), ("abcd", "ab", "B")],
)
def test_a_page_is_cut_at_its_limit_and_names_its_last_item(found, shown, following):
    assert page_of(found, 2, str.upper) == Page(shown, following)


def printed(capsys, page, *, as_json):
    print_page(
        page,
        as_json=as_json,
        name="letters",
        shape=lambda letter: {"letter": letter},
        table=lambda shown: terminal.print_line("|".join(shown)),
        none="There are no such letters.",
    )
    return capsys.readouterr()


@pytest.mark.parametrize("following", [None, 0, "b"])
def test_the_json_output_is_one_object_only(capsys, following):
    out, err = printed(capsys, Page("ab", following), as_json=True)
    assert json.loads(out) == {"letters": [{"letter": "a"}, {"letter": "b"}], "next": following}
    assert err == ""


def test_the_text_output_shows_how_to_continue(capsys):
    assert printed(capsys, Page("ab", "b"), as_json=False) == (
        "a|b\n",
        "There are more: --after b\n",
    )


def test_the_text_output_reports_an_empty_list(capsys):
    assert printed(capsys, Page(""), as_json=False) == ("\n", "There are no such letters.\n")
