"""The mailbox of the demo keeps what the shop sends."""

import requests

from coursetill_simulators.mailbox.app import RunningMailbox
from tests.adapters.mail.conftest import a_letter, post_to


def test_a_letter_arrives_as_text_and_html() -> None:
    with RunningMailbox() as box:
        post_to(box, patience=5).send(a_letter(subject="<b>Hello</b>", text=".\nYes.\n"))
        assert "&lt;b&gt;Hello&lt;/b&gt;" in requests.get(box.url, timeout=10).text
        assert "−€29.50" in requests.get(f"{box.url}/1", timeout=10).text
        shown = requests.get(f"{box.url}/1/text", timeout=10).text
    assert shown.splitlines() == [".", "Yes."]
