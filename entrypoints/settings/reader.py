"""Reads settings from the environment and collects all problems."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import attrs

from core.errors import ShopError

PREFIX = "COURSETILL_"

T = TypeVar("T")


@attrs.frozen
class SettingsAreWrong(ShopError):
    """The shop cannot start with these settings. Lists each wrong one with a reason."""

    problems: tuple[str, ...]


def wrong(problems: Iterable[tuple[str, str]]) -> SettingsAreWrong:
    """SettingsAreWrong for these pairs of name (without the prefix) and reason."""
    return SettingsAreWrong(tuple(f"{PREFIX}{name}: {why}" for name, why in problems))


class SettingsReader:
    """Reads variables one by one, and collects their problems."""

    def __init__(self, environ: Mapping[str, str]):
        self._environ = environ
        self._problems: list[str] = []

    def reject_unknown(self, known: Collection[str]) -> None:
        """Report every setting that is not known."""
        for name in sorted(self._environ):
            short = name.removeprefix(PREFIX)
            if name == short or short in known:
                continue
            close = difflib.get_close_matches(short, known, 1)
            hint = f"; did you mean {PREFIX}{close[0]}?" if close else ""
            self._problems.append(f"{name} is not a setting{hint}")

    def beginning_with(
        self, starts: Collection[str], *, besides: Collection[str]
    ) -> Mapping[str, str]:
        """The settings whose names begin with one of these, without the prefix."""
        return {
            short: text.strip()
            for name, text in self._environ.items()
            if (short := name.removeprefix(PREFIX)) != name
            and short.startswith(tuple(starts))
            and short not in besides
        }

    def given(self, name: str) -> bool:
        return bool(self._environ.get(PREFIX + name, "").strip())

    def get(self, name: str, default: str, convert: Callable[[str], T]) -> T:
        """The converted value, or the default if it is unset or invalid."""
        value = self.optional(name, convert)
        return convert(default) if value is None else value

    def optional(self, name: str, convert: Callable[[str], T]) -> T | None:
        """The converted value, or None if it is unset or invalid."""
        text = self._environ.get(PREFIX + name, "").strip()
        if not text:
            return None
        try:
            return convert(text)
        except ValueError as error:
            self._problems.append(f"{PREFIX}{name} {error}")
            return None

    def wrong(self, problem: str) -> None:
        self._problems.append(problem)

    def finish(self) -> None:
        """Raises SettingsAreWrong with all problems so far."""
        if self._problems:
            raise SettingsAreWrong(tuple(self._problems))


def any_text(text: str) -> str:
    """Any text."""
    return text


def secret(text: str) -> str:
    """A secret that is long enough to sign with. Raises ValueError, without the secret in it."""
    if len(text) < 32:
        raise ValueError("is shorter than 32 characters: use a long random text")
    return text


def yes_or_no(text: str) -> bool:
    """True for yes, False for no. Raises ValueError for anything else."""
    if text.lower() not in ("yes", "no"):
        raise ValueError(f'is "{text}": use yes or no')
    return text.lower() == "yes"


def url(text: str) -> str:
    """A web address. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'is "{text}": use an address that starts with https://')
    return text


def origin(text: str) -> str:
    """An origin: scheme and host, nothing more. Raises ValueError."""
    parts = urlsplit(url(text))
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise ValueError(
            f'is "{text}": use scheme and host alone, such as https://shop.example.org'
        )
    return f"{parts.scheme}://{parts.netloc}"
