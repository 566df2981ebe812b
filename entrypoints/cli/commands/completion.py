"""The command that prints the completion script of a shell."""

from __future__ import annotations

import click

from entrypoints.cli.app.groups import ShopCommand

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=ShopCommand, example='eval "$(coursetill completion bash)"')
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print the script that lets SHELL complete commands, options, skus, codes and references.

    For bash or zsh, put the example's line into ~/.bashrc or ~/.zshrc, with the shell's name in it;
    for fish, write the script to ~/.config/fish/completions/coursetill.fish.
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    kinds = dict(zip(SHELLS, (BashComplete, ZshComplete, FishComplete), strict=True))
    script = kinds[shell](ctx.find_root().command, {}, "coursetill", "_COURSETILL_COMPLETE")
    click.echo(script.source())
