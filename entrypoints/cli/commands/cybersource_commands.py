"""The commands that CyberSource brings, for the shop's help: nothing of them is imported."""

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
