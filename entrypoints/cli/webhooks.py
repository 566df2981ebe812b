"""Commands of webhooks: what CyberSource is asked to tell the shop, and the key it signs with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import click

from core.errors import Absent
from entrypoints.cli import options, printing
from entrypoints.cli.desk import Desk
from entrypoints.cli.failures import PROBLEMS_FOUND
from entrypoints.cli.groups import ShopCommand, ShopGroup
from entrypoints.cli.shapes import Shape
from entrypoints.reading import PREFIX

if TYPE_CHECKING:
    from entrypoints.cybersource import Subscription, Subscriptions

SETTING = f"{PREFIX}CYBERSOURCE_WEBHOOK_KEYS"
DOOR = "cybersource"


@attrs.frozen
class UnknownSubscription(Absent):
    id: str

    def __str__(self) -> str:
        return f"CyberSource knows no subscription {self.id}"


@click.group(cls=ShopGroup)
def webhooks() -> None:
    """What CyberSource is to tell of its own accord: subscribe, list, delete."""


@webhooks.command(cls=ShopCommand, example="coursetill cybersource webhooks subscribe")
@click.option("--new-key", is_flag=True, help="Make a key though one is set: it takes over.")
@options.as_json
@click.pass_obj
def subscribe(desk: Desk, *, new_key: bool, as_json: bool) -> None:
    """Ask CyberSource to tell of payments and refunds at this shop's address.

    Makes the key that the messages are signed with where none is set yet, and prints it, this once.
    A subscription that is there already stays as it is.
    """
    from entrypoints.cybersource import webhook_subscriptions

    settings = desk.settings
    address = f"{settings.shop_url}/webhooks/{DOOR}"
    account = settings.gateway
    wants_key = new_key or account is None or account.webhooks is None
    made, key = None, None
    try:
        with webhook_subscriptions(settings) as subscriptions:
            made = next((each for each in subscriptions.all() if each.url == address), None)
            if wants_key:
                made_key = subscriptions.new_key()
                key = f"{made_key.key_id}:{made_key.secret}"
            if made is None:
                made = subscriptions.subscribe(address, subscriptions.wanted())
    finally:
        # Whatever became of the rest: CyberSource shows a key once and signs with it from now on.
        if key is not None and (made is None or not as_json):
            _tell_key(key)
    if as_json:
        shape = {"subscription": _shape(made), "key": key, "setting": SETTING}
        printing.show_json(shape)
        return
    printing.tell(f"CyberSource tells of payments and refunds at {made.url}.")
    printing.tell(f"Subscription {made.id} is {made.status}.")


def _tell_key(key: str) -> None:
    printing.say(
        f"A new key was made; it is not shown again. Put it in front of what {SETTING} holds, "
        "where the other secrets of the shop are, and restart the shop. Keep the key before it "
        "until tomorrow:"
    )
    printing.tell(key)


@webhooks.command("list", cls=ShopCommand, example="coursetill cybersource webhooks list")
@options.as_json
@click.pass_obj
def list_(desk: Desk, *, as_json: bool) -> None:
    """List what CyberSource is asked to tell, and where."""
    from entrypoints.cybersource import webhook_subscriptions

    with webhook_subscriptions(desk.settings) as subscriptions:
        found = subscriptions.all()
    if as_json:
        printing.show_json({"subscriptions": [_shape(each) for each in found]})
        return
    rows = [
        (each.id, each.status, each.url, str(sum(map(len, each.products.values()))))
        for each in found
    ]
    printing.table(("Subscription", "Status", "Address", "Events"), rows, right=("Events",))
    if not found:
        printing.say("There are none. Next: coursetill cybersource webhooks subscribe")


@webhooks.command(cls=ShopCommand, example="coursetill cybersource webhooks delete 4f2a9d60")
@click.argument("subscription")
@options.yes
@options.as_json
@click.pass_obj
def delete(desk: Desk, *, subscription: str, yes: bool, as_json: bool) -> None:
    """Take a subscription away. What waits to be sent for it is lost; the shop asks instead."""
    from entrypoints.cybersource import webhook_subscriptions

    if not (yes or sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: add --yes to delete without asking.")
    with webhook_subscriptions(desk.settings) as subscriptions:
        found = _found(subscriptions, subscription)
        if not yes and not click.confirm(f"Delete the subscription for {found.url}?", err=True):
            printing.say("Nothing was deleted.")
            click.get_current_context().exit(PROBLEMS_FOUND)
        subscriptions.delete(found.id)
    if as_json:
        printing.show_json({"subscription": _shape(found), "deleted": True})
    else:
        printing.tell(f"CyberSource no longer tells {found.url} of anything.")


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
