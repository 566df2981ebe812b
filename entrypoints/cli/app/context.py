"""The context of one command: settings, shop, time zone and output, each made on first use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from zoneinfo import ZoneInfo

    from core.identity import Actor
    from entrypoints.cli.output.json_output import JsonOutput
    from entrypoints.cli.output.text_output import TextOutput
    from entrypoints.composition.shop import Shop
    from entrypoints.extensions.api import Host
    from entrypoints.settings.shop import Settings
    from entrypoints.wording.sentences import Wording


class CommandContext:
    """The settings, the shop, and how to print its facts.

    The settings are read once. The shop is opened when a command first needs it; a shop that is
    passed in is used as it is.
    """

    def __init__(self, environ: Mapping[str, str], shop: Shop | None = None):
        self.environ = environ
        self.pager = True
        self.own_zone: ZoneInfo | None = None
        self._shop = shop
        self._opened: Shop | None = None

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingsAreWrong."""
        from entrypoints.settings.shop import read_settings

        return self._shop.settings if self._shop else read_settings(self.environ)

    @cached_property
    def shop(self) -> Shop:
        """Raises SettingsAreWrong, or Unavailable if the database is unusable."""
        from entrypoints.composition.shop import open_shop

        if self._shop is None:
            self._shop = self._opened = open_shop(self.settings)
        return self._shop

    def host(self, extension: str) -> Host:
        """What the shop gave this extension when it opened it. Raises ExtensionCannotBeUsed."""
        return self.shop.extension(extension).host

    def close(self) -> None:
        """Close the shop if this context opened it."""
        if self._opened is not None:
            self._opened.close()

    @property
    def now(self) -> datetime:
        return self.shop.now()

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone: from --zone, from their setting, or the shop's."""
        return self.own_zone or self.settings.staff_zone or self.settings.time_zone

    @cached_property
    def wording(self) -> Wording:
        """The sentences of the shop and its extensions, for staff, in their time zone.

        If the settings or an extension are unusable (the command then reports that error), only the
        sentences of the shop, in the best known time zone.
        """
        from entrypoints.cli.app.wording import for_commands
        from entrypoints.extensions.loader import ExtensionCannotBeUsed, chosen_extensions
        from entrypoints.settings.reader import SettingsAreWrong

        zone: tzinfo = self.own_zone or UTC
        try:
            zone = self.zone
            return for_commands(zone, chosen_extensions(self.settings))
        except (SettingsAreWrong, ExtensionCannotBeUsed):
            return for_commands(zone)

    @property
    def text_output(self) -> TextOutput:
        """Facts as text for people, in their time zone."""
        from entrypoints.cli.output.text_output import TextOutput

        return TextOutput(self.zone, self.wording)

    @property
    def json_output(self) -> JsonOutput:
        """Facts as JSON for programs."""
        from entrypoints.cli.output.json_output import JsonOutput

        return JsonOutput(self.zone, self.wording)

    def staff(self, name: str | None) -> Actor:
        """The actor: the name from --as or COURSETILL_STAFF. Raises UsageError without one."""
        from core.identity import Actor

        acting = (name or self.settings.staff or "").strip()
        if not acting:
            raise click.UsageError(
                "Say who does this, for the record: --as NAME, or COURSETILL_STAFF=NAME."
            )
        return Actor.staff(acting)
