"""Settings as a shell reads them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping


def exports(environment: Mapping[str, str]) -> list[str]:
    """The settings as a shell reads them."""
    return [f"export {name}={shlex.quote(text)}" for name, text in environment.items()]
