"""The mailbox accepts letters by SMTP and shows them without active content."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import requests

from coursetill_simulators.mailbox.app import RunningMailbox


@pytest.fixture
def box() -> Iterator[RunningMailbox]:
    with RunningMailbox() as running:
        yield running


def letter(subject: str, text: str = "Yes.\n", page: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "shop@example.org", "ada@example.org"
    message["Subject"] = subject
    message.set_content(text)
    if page:
        message.add_alternative(page, subtype="html")
    return message


def send(box: RunningMailbox, *letters: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", box.port, timeout=5) as server:
        for each in letters:
            server.send_message(each)


def read(address: str) -> requests.Response:
    return requests.get(address, timeout=10)


def test_an_empty_mailbox_shows_a_notice(box: RunningMailbox) -> None:
    assert "None yet" in read(box.url).text


def test_a_letter_is_readable_as_text_and_html(box: RunningMailbox) -> None:
    send(box, letter("Receipt", ".\nYou paid −€29.50.\n", "<p>You paid −€29.50.</p>"))
    assert "You paid −€29.50." in read(f"{box.url}/1").text
    assert read(f"{box.url}/1/text").text.splitlines() == [".", "You paid −€29.50."]


def test_a_letter_is_shown_without_active_content(box: RunningMailbox) -> None:
    send(box, letter("<b>Hello</b>", page="<script>alert(1)</script>"))
    assert "&lt;b&gt;Hello&lt;/b&gt;" in read(box.url).text
    policy = read(f"{box.url}/1").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_the_newest_letter_is_first(box: RunningMailbox) -> None:
    send(box, letter("Older"), letter("Newer"))
    page = read(box.url).text
    assert page.index("Newer") < page.index("Older")


@pytest.mark.parametrize("place", ["0", "2", "1"])
def test_a_missing_letter_or_form_is_not_found(box: RunningMailbox, place: str) -> None:
    send(box, letter("Text alone"))
    assert read(f"{box.url}/{place}").status_code == 404


def test_a_letter_that_is_too_large_is_refused(box: RunningMailbox) -> None:
    with pytest.raises(smtplib.SMTPDataError, match="552"):
        send(box, letter("Large", "x" * 70 + "\n" + ("y" * 70 + "\n") * 15_000))
    assert "Large" not in read(box.url).text
