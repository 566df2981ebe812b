"""A letter arrives once and whole, or it is said why not and whether to try again."""

from __future__ import annotations

import pytest

from adapters.mail.smtp import SmtpSecurity
from core.messaging.outbox import NeverReceived, NotReceived, ReceiverIsDown
from tests.adapters.mail.conftest import a_letter, post_to
from tests.adapters.mail.servers import DROP, SILENCE


def outcome(server, letter=None, **different):
    """The kind of failure with which a letter is not sent, and what is said of it."""
    with pytest.raises(NotReceived) as failed:
        post_to(server, **different).send(letter or a_letter())
    return type(failed.value), failed.value.why


def test_a_letter_arrives_as_text_and_html(serving):
    server = serving()
    post_to(server).send(a_letter())
    [letter] = server.letters
    assert letter["From"] == "Example University <shop@example.org>"
    assert letter["To"].addresses[0].display_name == "Ada Łovelace 数学"
    assert letter["To"].addresses[0].addr_spec == "ada@example.org"
    assert letter["Reply-To"] == "courses@example.org"
    assert letter["Subject"] == "Your receipt for order CT-7K3M-Q9XD-2FVT: $1,350.00 USD"
    assert letter["Date"].datetime.isoformat() == "2031-05-01T12:30:00+00:00"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_body(("plain",)).get_content().strip() == "You have paid −€29.50."
    assert "−€29.50" in letter.get_body(("html",)).get_content()


def test_a_letter_sent_again_has_the_same_message_id(serving):
    server = serving()
    for id_ in ("CT-1/letter.receipt", "CT-1/letter.receipt", "CT-1/R2/letter.refund"):
        post_to(server).send(a_letter(id=id_))
    first, again, other = [letter["Message-ID"] for letter in server.letters]
    assert first == again == "<CT-1/letter.receipt@example.org>"
    assert other != first


@pytest.mark.parametrize("field", ["name", "subject"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_no_name_or_title_can_inject_a_header(serving, field, end):
    server = serving()
    evil = f"Ada{end}Bcc: mallory@example.org{end}{end}You have won"
    post_to(server).send(a_letter(**{field: evil}))
    [letter] = server.letters
    assert letter["Bcc"] is None
    assert [line for line in server.commands if line.startswith("RCPT")] == [
        "RCPT TO:<ada@example.org>"
    ]
    assert "You have paid" in letter.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "email",
    [
        *("ada", "@example.org", "ada@", "a b@example.org", "ada@exa mple.org"),
        *("ada@example.org, bob@example.org", "ada@example.org\r\nRCPT TO:<bob@example.org>"),
        *("<ada@example.org>", "ada@example..org\n", "a\x00@example.org", "ada@-\u00e4" + "x" * 70),
    ],
)
def test_an_invalid_address_is_not_tried(serving, email):
    server = serving()
    kind, why = outcome(server, a_letter(email=email))
    assert kind is NeverReceived
    assert "is not an e-mail address" in why
    assert server.commands == []


def test_names_in_any_script_and_international_domains_arrive(serving):
    server = serving()
    post_to(server).send(a_letter(name="עדה", email="ada@exämple.org"))
    assert "RCPT TO:<ada@xn--exmple-cua.org>" in server.commands


def test_an_address_that_the_server_cannot_deliver_to_is_refused_permanently(serving):
    kind, why = outcome(serving(), a_letter(email="ädä@example.org"))
    assert (kind, why) == (NeverReceived, "the mail server takes no such address")


def test_an_unreachable_server_accepts_no_letter(serving):
    server = serving()
    server.server_close()
    kind, why = outcome(server)
    assert kind is ReceiverIsDown
    assert f"127.0.0.1:{server.port} failed" in why


@pytest.mark.parametrize("at", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_silent_server_times_out(serving, at):
    kind, why = outcome(serving(replies={at: SILENCE}))
    assert kind is ReceiverIsDown
    assert "did not answer within 0.4 s" in why


@pytest.mark.parametrize("at", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_connection_lost_during_sending_is_no_delivery(serving, at):
    server = serving(replies={at: DROP})
    kind, _ = outcome(server)
    assert kind is ReceiverIsDown
    assert "DATA" not in server.commands or at in ("DATA", ".")


@pytest.mark.parametrize(
    ("at", "reply", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", NeverReceived),
        ("RCPT", "553 not here", NeverReceived),
        ("RCPT", "450 4.2.0 greylisted, come back", NotReceived),
        ("RCPT", "421 closing", ReceiverIsDown),
        ("MAIL", "550 we do not know you", ReceiverIsDown),
        ("MAIL", "451 not now", ReceiverIsDown),
        ("DATA", "451 not now", NotReceived),
        ("DATA", "554 no", NotReceived),
        (".", "554 5.7.1 looks like spam", NotReceived),
        (".", "452 the disk is full", NotReceived),
        (".", "421 closing", ReceiverIsDown),
        ("connect", "554 go away", ReceiverIsDown),
        ("connect", "421 too many of you", ReceiverIsDown),
    ],
)
def test_a_refusal_shows_if_it_is_permanent_and_for_which_address(serving, at, reply, kind):
    server = serving(replies={at: reply})
    found, why = outcome(server)
    assert found is kind
    assert reply in why
    assert server.letters == []


def test_the_reply_of_a_server_is_one_short_line(serving):
    _, why = outcome(serving(replies={"RCPT": f"550-no\r\n550 {'very ' * 80}much"}))
    assert "\n" not in why
    assert len(why) < 300


def test_a_login_happens_over_starttls(serving, certificate_for):
    certificate = certificate_for("127.0.0.1")
    server = serving(tls=certificate.context, password=("shop", "pass word"))
    secure = {"security": SmtpSecurity.STARTTLS, "ca_file": str(certificate.file)}
    post_to(server, user="shop", password="pass word", **secure).send(a_letter())
    assert len(server.letters) == 1
    assert server.commands.index("STARTTLS") < next(
        n for n, line in enumerate(server.commands) if line.startswith("AUTH")
    )


def test_tls_can_start_with_the_first_byte(serving, certificate_for):
    certificate = certificate_for("127.0.0.1")
    server = serving(tls=certificate.context, implicit=True)
    secure = {"security": SmtpSecurity.TLS, "ca_file": str(certificate.file)}
    post_to(server, **secure).check()
    post_to(server, **secure).send(a_letter())
    assert len(server.letters) == 1


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("trusted, named", [(False, "127.0.0.1"), (True, "mail.example.org")])
def test_a_server_with_a_wrong_certificate_gets_no_password_and_no_letter(
    serving, certificate_for, implicit, trusted, named
):
    certificate = certificate_for(named)
    server = serving(tls=certificate.context, implicit=implicit, password=("shop", "secret"))
    kind, why = outcome(
        server,
        security=SmtpSecurity.TLS if implicit else SmtpSecurity.STARTTLS,
        ca_file=str(certificate.file) if trusted else None,
        user="shop",
        password="secret",
        patience=5,
    )
    assert kind is ReceiverIsDown
    assert "shows a certificate that is not to be trusted" in why
    assert not [line for line in server.commands if line.startswith(("AUTH", "MAIL"))]


def test_a_server_without_starttls_gets_nothing_in_clear(serving):
    server = serving(password=("shop", "secret"))
    kind, _ = outcome(server, security=SmtpSecurity.STARTTLS, user="shop", password="secret")
    assert kind is ReceiverIsDown
    assert not [line for line in server.commands if line.startswith(("AUTH", "MAIL"))]


def test_a_wrong_password_is_reported_and_not_shown(serving):
    server = serving(password=("shop", "right"))
    kind, why = outcome(server, user="shop", password="hunter2")
    assert kind is ReceiverIsDown
    assert "does not let us in: 535 who are you" in why
    assert "hunter2" not in why
    assert "hunter2" not in repr(post_to(server, user="shop", password="hunter2"))


def test_a_password_that_cannot_be_encoded_is_reported(serving):
    kind, why = outcome(serving(password=("shop", "x")), user="shop", password="pässword")
    assert kind is ReceiverIsDown
    assert "beyond ASCII" in why


def test_a_check_logs_in_and_sends_nothing(serving):
    server = serving(password=("shop", "right"))
    post_to(server, user="shop", password="right").check()
    assert server.letters == []
    assert not [line for line in server.commands if line.startswith(("MAIL", "RCPT"))]
    with pytest.raises(ReceiverIsDown):
        post_to(server, user="shop", password="wrong").check()
