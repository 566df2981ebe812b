"""Commands of CyberSource's webhooks: subscriptions, and the key that signs messages."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from entrypoints.cli.app import options
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.failures import PROBLEMS_FOUND
from entrypoints.cli.app.groups import ShopCommand, ShopGroup
from entrypoints.cli.output import terminal
from entrypoints.cli.output.json_output import Shape
from entrypoints.composition.gateways.cybersource_errors import TellsOfLess, UnknownSubscription
from entrypoints.settings.reader import PREFIX

if TYPE_CHECKING:
    from entrypoints.composition.gateways.cybersource_plugin import Subscription, Subscriptions

SETTING = f"{PREFIX}CYBERSOURCE_WEBHOOK_KEYS"
DOOR = "cybersource"


@click.group(cls=ShopGroup)
def webhooks() -> None:
    """Webhooks of CyberSource: subscribe, list, delete."""


@webhooks.command(cls=ShopCommand, example="coursetill cybersource webhooks subscribe")
@click.option("--new-key", is_flag=True, help="Create a new key, which replaces the current one.")
@click.option(
    "--event", "events", multiple=True, help="Subscribe to this event, too; can be repeated."
)
@options.as_json
@click.pass_obj
def subscribe(
    context: CommandContext, *, new_key: bool, events: tuple[str, ...], as_json: bool
) -> None:
    """Subscribe this shop to CyberSource's messages about payments and refunds.

    Creates the key that signs the messages if none is set yet, and prints it once. An existing
    subscription does not change.
    """
    from entrypoints.composition.gateways.cybersource_plugin import setup_in, webhook_subscriptions

    settings = context.settings
    address = f"{settings.shop_url}/webhooks/{DOOR}"
    wants_key = new_key or setup_in(settings).account.webhooks is None
    made, key = None, None
    try:
        with webhook_subscriptions(settings) as subscriptions:
            made = next((each for each in subscriptions.all() if each.url == address), None)
            products = (
                subscriptions.event_types(events) if made is None else _refuse_less(made, events)
            )
            if wants_key:
                made_key = subscriptions.new_key()
                key = f"{made_key.key_id}:{made_key.secret}"
            if made is None:
                made = subscriptions.subscribe(address, products)
    finally:
        # Print it even if the rest fails: CyberSource shows a key only once, and signs with it now.
        if key is not None and (made is None or not as_json):
            _tell_key(key)
    if as_json:
        shape = {"subscription": _shape(made), "key": key, "setting": SETTING}
        terminal.print_json(shape)
        return
    terminal.print_line(f"CyberSource tells of payments and refunds at {made.url}.")
    terminal.print_line(f"Subscription {made.id} is {made.status}.")


def _refuse_less(made: Subscription, events: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The existing subscription. Raises TellsOfLess if it lacks requested events."""
    for event in events:
        if not any(event in subscribed for subscribed in made.products.values()):
            raise TellsOfLess(made.id, event)
    return made.products


@webhooks.command(cls=ShopCommand, example="coursetill cybersource webhooks offered")
@options.as_json
@click.pass_obj
def offered(context: CommandContext, *, as_json: bool) -> None:
    """List the events that CyberSource offers, and those that a shop subscribes to."""
    from entrypoints.composition.gateways.cybersource_plugin import asked_for, webhook_subscriptions

    with webhook_subscriptions(context.settings) as subscriptions:
        found = subscriptions.offered()
    asked = asked_for(found)
    rows = [(product, event) for product, events in found.items() for event in events]
    if as_json:
        json_output = [
            {"product": product, "event": event, "asked_for": event in asked}
            for product, event in rows
        ]
        terminal.print_json({"offered": json_output})
        return
    cells = [(product, event, "yes" if event in asked else "") for product, event in rows]
    terminal.print_table(("Product", "Event", "Asked for"), cells)
    if not rows:
        terminal.print_note("CyberSource offers no webhooks to this merchant.")


def _tell_key(key: str) -> None:
    terminal.print_note(
        f"A new key was made; it is not shown again. Put it in front of what {SETTING} holds, "
        "where the other secrets of the shop are, and restart the shop. Keep the key before it "
        "until tomorrow:"
    )
    terminal.print_line(key)


@webhooks.command("list", cls=ShopCommand, example="coursetill cybersource webhooks list")
@options.as_json
@click.pass_obj
def list_(context: CommandContext, *, as_json: bool) -> None:
    """List the webhook subscriptions, with their events and addresses."""
    from entrypoints.composition.gateways.cybersource_plugin import webhook_subscriptions

    with webhook_subscriptions(context.settings) as subscriptions:
        found = subscriptions.all()
    if as_json:
        terminal.print_json({"subscriptions": [_shape(each) for each in found]})
        return
    rows = [
        (each.id, each.status, each.url, str(sum(map(len, each.products.values()))))
        for each in found
    ]
    terminal.print_table(("Subscription", "Status", "Address", "Events"), rows, right=("Events",))
    if not found:
        terminal.print_note("There are none. Next: coursetill cybersource webhooks subscribe")


@webhooks.command(cls=ShopCommand, example="coursetill cybersource webhooks delete 4f2a9d60")
@click.argument("subscription")
@options.yes
@options.as_json
@click.pass_obj
def delete(context: CommandContext, *, subscription: str, yes: bool, as_json: bool) -> None:
    """Delete a subscription. Its unsent messages are lost; payment checks replace them."""
    from entrypoints.composition.gateways.cybersource_plugin import webhook_subscriptions

    if not (yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to delete without asking.")
    with webhook_subscriptions(context.settings) as subscriptions:
        found = _found(subscriptions, subscription)
        if not yes and not click.confirm(f"Delete the subscription for {found.url}?", err=True):
            terminal.print_note("Nothing was deleted.")
            click.get_current_context().exit(PROBLEMS_FOUND)
        subscriptions.delete(found.id)
    if as_json:
        terminal.print_json({"subscription": _shape(found), "deleted": True})
    else:
        terminal.print_line(f"CyberSource no longer tells {found.url} of anything.")


def _found(subscriptions: Subscriptions, wanted: str) -> Subscription:
    for each in subscriptions.all():
        if each.id == wanted:
            return each
    raise UnknownSubscription(wanted)


def _shape(subscription: Subscription) -> Shape:
    return {
        "id": subscription.id,
        "status": subscription.status,
        "url": subscription.url,
        "events": [event for events in subscription.products.values() for event in events],
    }
