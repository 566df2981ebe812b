"""The command that prints the manual."""

from __future__ import annotations

from typing import Any

import click

from entrypoints.cli.app import manual, options
from entrypoints.cli.app.groups import ShopCommand
from entrypoints.cli.output import terminal


class PageParam(click.Choice[str]):
    """The name of a page. A link between pages works too."""

    def __init__(self) -> None:
        super().__init__(manual.page_names())

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        name = str(value).removeprefix("docs/").removesuffix(".md")
        return super().convert(name, param, ctx)


@click.command(cls=ShopCommand, example="coursetill docs configuration")
@click.argument("page", type=PageParam(), metavar="[PAGE]", required=False)
@options.as_json
def docs(*, page: str | None, as_json: bool) -> None:
    """Print a page of the manual; without PAGE, the list of all pages."""
    if page is not None and as_json:
        title, text = manual.page_title(page), manual.page_text(page)
        terminal.print_json({"name": page, "title": title, "text": text})
    elif page is not None:
        click.echo(manual.page_text(page), nl=False)
    else:
        _list_pages(as_json=as_json)


def _list_pages(*, as_json: bool) -> None:
    pages = [(name, manual.page_title(name)) for name in manual.page_names()]
    if as_json:
        terminal.print_json({"pages": [{"name": name, "title": title} for name, title in pages]})
        return
    terminal.print_table(("Page", "Title"), pages)
    terminal.print_note("Read one: coursetill docs PAGE")
