"""The commands of the mail, the receipts that staff send again, and the worker's letters."""

from collections.abc import Iterator

import attrs
import pytest

from coursetill_testing.command_line import CommandLine
from entrypoints.composition.shop import open_letters
from entrypoints.processes.worker import Worker
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import Settings, read_settings
from tests.adapters.mail.servers import MailServer

RUN = "6.431x-1T2027"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def with_mail(till: CommandLine, server: MailServer) -> CommandLine:
    """The same till in a shop that has a mail server."""
    mail = read_settings(
        {
            "COURSETILL_SMTP_HOST": "127.0.0.1",
            "COURSETILL_SMTP_PORT": str(server.port),
            "COURSETILL_SMTP_SECURITY": "none",
            "COURSETILL_MAIL_FROM": "shop@example.org",
        }
    ).mail
    settings: Settings = attrs.evolve(till.shop.settings, mail=mail)
    letters = open_letters(settings, till.shop.read)
    return attrs.evolve(till, shop=attrs.evolve(till.shop, settings=settings, letters=letters))


@pytest.fixture
def posting(till: CommandLine, server: MailServer) -> CommandLine:
    return with_mail(till, server)


def test_a_preview_shows_a_letter_and_sends_nothing(till: CommandLine) -> None:
    reference = till.paid(RUN)
    told = till.ok("mail", "preview", "receipt", reference.lower())
    assert told.startswith(
        "To       Ada Lovelace <ada@example.org>\nSubject  Your receipt for order"
    )
    assert "Total paid: $300.00 USD" in told
    html = till.ok("mail", "preview", "receipt", reference, "--html")
    assert html.startswith("<!doctype html>")
    shape = till.shape("mail", "preview", "receipt", reference)
    assert (shape["to"], shape["html"]) == ("ada@example.org", html.rstrip("\n"))
    assert {event["tries"] for event in till.shape("outbox", "list")["events"]} == {0}


def test_a_letter_without_a_subject_is_not_found(till: CommandLine) -> None:
    reference = till.paid(RUN)
    assert till.problem("mail", "preview", "refund", reference)["exit_code"] == 3
    till.ok(
        "orders", "refund", reference, "--amount", "1.00", "--reason", "x", "--yes", "--as", "e"
    )
    assert "We have sent $1.00 back" in till.ok("mail", "preview", "refund", reference)


def test_a_test_letter_arrives(posting: CommandLine, server: MailServer) -> None:
    told = posting.ok("mail", "test", "ann@example.org")
    assert told == "Sent to ann@example.org: the mail server has taken it.\n"
    [letter] = server.letters
    assert letter["Subject"] == "A test from Coursetill"


def test_a_refused_test_letter_shows_the_reason(posting: CommandLine, server: MailServer) -> None:
    server.habits.replies["RCPT"] = "550 no such user"
    result = posting.run("mail", "test", "ann@example.org")
    assert result.exit_code == 1
    assert "It was not sent: the mail server answered 550 no such user" in result.stderr


@pytest.mark.parametrize(
    "command", [("mail", "test", "a@example.org"), ("orders", "resend-receipt", "X", "--as", "e")]
)
def test_commands_for_letters_require_a_mail_server(
    till: CommandLine, command: tuple[str, ...]
) -> None:
    result = till.run(*command)
    assert result.exit_code == 1
    assert "No mail server is set up" in result.stderr


def test_deliver_sends_letters_and_events(posting: CommandLine, server: MailServer) -> None:
    posting.paid(RUN)
    assert posting.shape("outbox", "deliver")["delivered"] == 4
    assert len(server.letters) == 1
    assert posting.shape("outbox", "deliver")["delivered"] == 0


def test_a_resent_receipt_is_in_the_history_and_arrives(
    posting: CommandLine, server: MailServer
) -> None:
    reference = posting.paid(RUN)
    posting.ok("outbox", "deliver")
    told = posting.ok("orders", "resend-receipt", reference, "--as", "eve")
    assert told == f"The receipt of order {reference} goes out once more.\n"
    posting.ok("outbox", "deliver")
    assert len({letter["Message-ID"] for letter in server.letters}) == 2
    entry = posting.shape("orders", "show", reference)["history"][-1]
    assert (entry["by"], entry["why"]) == ("staff eve", "receipt sent again")


def test_resending_a_receipt_requires_a_staff_name(posting: CommandLine) -> None:
    reference = posting.paid(RUN)
    nobody = attrs.evolve(posting.shop.settings, staff=None)
    asking = attrs.evolve(posting, shop=attrs.evolve(posting.shop, settings=nobody))
    assert asking.run("orders", "resend-receipt", reference).exit_code == 2


def test_an_unpaid_order_has_no_receipt_to_resend(posting: CommandLine) -> None:
    reference = posting.ordered(RUN)
    problem = posting.problem("orders", "resend-receipt", reference, "--as", "eve")
    assert (problem["exit_code"], problem["detail"]) == (
        1,
        f"Order {reference} is pending: there is no receipt of it",
    )


def test_a_worker_round_sends_letters(posting: CommandLine, server: MailServer) -> None:
    posting.paid(RUN)
    Worker(posting.shop).round()
    assert len(server.letters) == 1


def test_an_unreachable_mail_server_delays_nothing_else(
    posting: CommandLine, server: MailServer
) -> None:
    reference = posting.paid(RUN)
    server.habits.replies["connect"] = "421 too busy"
    Worker(posting.shop).round()
    assert posting.shape("orders", "show", reference)["lines"][0]["fulfilment"] == "fulfilled"
    server.habits.replies.clear()
    posting.clock.advance(minutes=1)
    Worker(posting.shop).round()
    assert len(server.letters) == 1


def test_old_letters_are_not_sent_after_mail_is_set_up(
    till: CommandLine, server: MailServer
) -> None:
    till.paid(RUN)
    till.clock.advance(days=8)
    recent = till.paid("24.09x-1T2027")
    till.clock.advance(hours=1)
    Worker(with_mail(till, server).shop).round()
    [letter] = server.letters
    assert recent in letter["Subject"]
    given_up = till.shape("outbox", "list", "--state", "given-up")["events"]
    assert [event["last_error"] for event in given_up] == ["it was too late to send"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"MAIL_FROM": "a@b"}, "MAIL_FROM goes with COURSETILL_SMTP_HOST"),
        ({"SMTP_PORT": "25"}, "SMTP_PORT goes with COURSETILL_SMTP_HOST"),
        ({"SMTP_HOST": "m"}, "needs COURSETILL_MAIL_FROM"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "nobody"}, "which is not an e-mail address"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_USER": "x"}, "SMTP_USER goes with"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_PASSWORD": "x"}, "SMTP_USER goes with"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_SECURITY": "ssl"}, "starttls, tls or none"),
        ({"SMTP_HOST": "m", "MAIL_FROM": "a@b", "SMTP_PORT": "99999"}, "from 1 to 65535"),
        (
            {
                "SMTP_HOST": "mail.example.org",
                "MAIL_FROM": "a@b",
                "SMTP_USER": "x",
                "SMTP_PASSWORD": "hunter2",
                "SMTP_SECURITY": "none",
            },
            "in the open",
        ),
        (
            {
                "SMTP_HOST": "m",
                "MAIL_FROM": "a@b",
                "SMTP_USER": "x",
                "SMTP_PASSWORD": "hunter2",
                "SMTP_PASSWORD_FILE": "/x",
            },
            "one of the two",
        ),
    ],
)
def test_invalid_mail_settings_are_named(settings: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsAreWrong) as wrong:
        read_settings({f"COURSETILL_{name}": text for name, text in settings.items()})
    assert says in str(wrong.value)
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize("security, port", [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_default_port_depends_on_the_security_mode(security: str, port: int) -> None:
    mail = read_settings(
        {
            "COURSETILL_SMTP_HOST": "mail.example.org",
            "COURSETILL_MAIL_FROM": "shop@example.org",
            "COURSETILL_SMTP_SECURITY": security,
        }
    ).mail
    assert mail is not None
    assert mail.port == port
