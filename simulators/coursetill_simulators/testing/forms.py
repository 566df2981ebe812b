"""Reads the form with which a simulator page sends the browser back to the shop."""

import html
import re

import requests


def hidden_fields(page: requests.Response) -> list[tuple[str, str]]:
    """The names and values of the page's hidden fields. Raises ValueError if it has none."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    if not found:
        raise ValueError(f"the page has no hidden fields: {page.text}")
    return [(html.unescape(name), html.unescape(value)) for name, value in found]
