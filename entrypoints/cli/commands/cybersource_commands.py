"""The list of CyberSource's commands, for the shop's help. It imports none of them."""

from __future__ import annotations

from entrypoints.plugins import PluginCommand

COMMANDS = {
    "cybersource": PluginCommand(
        "entrypoints.cli.commands.cybersource:cybersource",
        "Ask CyberSource itself: check, find, webhooks.",
    ),
    "simulator": PluginCommand(
        "entrypoints.cli.commands.simulator:simulator",
        "Run the payment gateway's simulator alone.",
    ),
}
