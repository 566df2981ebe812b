"""Commands of letters: preview one, send a test."""

from __future__ import annotations

from html import escape

import click

from core.messaging.mail import Letter
from core.messaging.outbox import Event, EventName, NotReceived
from core.use_cases.order_lifecycle.order_details import OrderDetails, order_details
from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.errors import NoSuchLetter
from entrypoints.cli.app.groups import ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.settings.reader import PREFIX

LETTERS = {
    "receipt": EventName.RECEIPT,
    "refund": EventName.REFUND_RECEIPT,
    "answer": EventName.REQUEST_ANSWERED,
}


@click.group(cls=ShopGroup)
def mail() -> None:
    """Letters to learners: preview them, and test the mail server."""


@mail.command(example="coursetill mail preview receipt CT-7K3M-Q9XD-2FVT --html")
@click.argument("letter", type=click.Choice(list(LETTERS)))
@click.argument("reference", type=options.REFERENCE)
@click.option("--html", "as_html", is_flag=True, help="Only the HTML, for a browser.")
@options.as_json
@click.pass_obj
def preview(
    context: CommandContext, *, letter: str, reference: str, as_html: bool, as_json: bool
) -> None:
    """Show a letter as it would be sent now. Nothing is sent.

    If there are several refunds, or answers to refund requests, it is about the latest.
    """
    from entrypoints.letters.composer import LetterComposer

    with context.shop.read() as work:
        known = order_details(work, options.reference_in(reference))
    written = LetterComposer(context.settings).letter(_event(LETTERS[letter], known), known)
    if as_json:
        terminal.print_json(_shape(written))
    elif as_html:
        click.echo(written.html)
    else:
        terminal.print_facts(
            [("To", f"{written.name} <{written.email}>"), ("Subject", written.subject)]
        )
        terminal.print_line(f"\n{written.text}")


def _event(name: EventName, known: OrderDetails) -> Event:
    """The event that the letter is about. Raises NoSuchLetter."""
    reference = known.order.reference
    about: dict[str, str] | None
    match name:
        case EventName.REFUND_RECEIPT:
            given = [refund.id for refund in known.refunds if refund.accepted]
            about = {"refund": given[-1]} if given else None
        case EventName.REQUEST_ANSWERED:
            answered = [each.id for each in known.requests if each.answered_at is not None]
            about = {"request": answered[-1]} if answered else None
        case _:
            about = {}
    if about is None:
        raise NoSuchLetter(reference)
    return Event(f"{reference}/preview/{name.value}", name, reference, known.order.placed_at, about)


def _shape(letter: Letter) -> dict[str, str]:
    return {
        "to": letter.email,
        "name": letter.name,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
    }


@mail.command(example="coursetill mail test ann@example.org")
@click.argument("address")
@options.as_json
@click.pass_obj
def test(context: CommandContext, *, address: str, as_json: bool) -> None:
    """Send a short letter to this address now, and show the mail server's answer."""
    from entrypoints.composition.shop import open_mail_sender

    settings = context.settings
    post = open_mail_sender(settings)
    if post is None:
        raise click.ClickException(
            f"No mail server is set up: set {PREFIX}SMTP_HOST and {PREFIX}MAIL_FROM"
        )
    says = f"{settings.shop_name} can send mail. Nothing has to be done."
    letter = Letter(
        id=f"test/{new_key()}",
        name="",
        email=address,
        subject=f"A test from {settings.shop_name}",
        text=f"{says}\n",
        html=f"<!doctype html><title>Test</title><p>{escape(says)}</p>",
    )
    try:
        post.send(letter)
    except NotReceived as failure:
        raise click.ClickException(f"It was not sent: {failure.why}") from None
    if as_json:
        terminal.print_json({"to": address, "sent": True})
    else:
        terminal.print_line(f"Sent to {address}: the mail server has taken it.")
