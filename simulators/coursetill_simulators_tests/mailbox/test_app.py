"""The demo's mail server takes what the shop sends, and shows it harmlessly."""

import requests

from coursetill_simulators.mailbox.app import RunningLetterbox
from tests.adapters.mail.conftest import a_letter, post_to


def read(address):
    answer = requests.get(address, timeout=10)
    return answer.text, answer.headers


def test_what_is_sent_arrives_and_can_be_read_in_both_forms():
    with RunningLetterbox() as box:
        assert "None yet" in read(box.url)[0]
        post_to(box, patience=5).send(a_letter(subject="<b>Hello</b>", text=".\nYes.\n"))
        page, _ = read(box.url)
        assert "&lt;b&gt;Hello&lt;/b&gt;" in page
        html, headers = read(f"{box.url}/1")
        assert "−€29.50" in html
        assert "sandbox" in headers["Content-Security-Policy"]
        assert read(f"{box.url}/1/text")[0].splitlines() == [".", "Yes."]
