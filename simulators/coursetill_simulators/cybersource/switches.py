"""The current settings: control commands can change switches at run time."""

from threading import Lock
from typing import Any

import attrs

from coursetill_simulators.cybersource.settings import SWITCHES, SimulatorSettings

_ANSWERS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Switch = bool | int | float | str | tuple[str, ...]


@attrs.frozen
class NoSuchSwitch(ValueError):
    """The setting cannot be changed, or the value is invalid."""

    why: str

    def __str__(self) -> str:
        return self.why


class Switchboard:
    """Holds the current settings. Each part reads them for every request."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._lock = Lock()
        self._at_start = settings
        self._settings = settings

    @property
    def settings(self) -> SimulatorSettings:
        """The current settings."""
        return self._settings

    def turn(self, name: str, value: object) -> None:
        """Set one switch. Raises NoSuchSwitch for an unknown switch or an invalid value."""
        if name not in SWITCHES:
            raise NoSuchSwitch(f"{name!r} is not one of {', '.join(SWITCHES)}")
        with self._lock:
            fit = _fitting(name, value, getattr(self._settings, name))
            changed: dict[str, Any] = {name: fit}
            try:
                self._settings = attrs.evolve(self._settings, **changed)
            except ValueError as unfit:
                raise NoSuchSwitch(f"{name} cannot be {value!r}") from unfit

    def positions(self) -> dict[str, Switch]:
        """All switches and their values."""
        return {name: getattr(self._settings, name) for name in SWITCHES}

    def reset(self) -> None:
        """Restore the initial settings."""
        with self._lock:
            self._settings = self._at_start


def _fitting(name: str, value: object, present: Switch) -> Switch:
    """Convert `value`, from a form or JSON, to the type of the switch."""
    try:
        return _in_kind(value, present)
    except (KeyError, ValueError, TypeError) as unfit:
        raise NoSuchSwitch(f"{name} cannot be {value!r}") from unfit


def _in_kind(value: object, present: Switch) -> Switch:
    # A page's form always sends text.
    match present, value:
        case bool(), bool():
            return value
        case bool(), str():
            return _ANSWERS[value]
        case tuple(), str():
            return tuple(value.split())
        case tuple(), list() if all(isinstance(each, str) for each in value):
            return tuple(value)
        case str(), str():
            return value
        case int() | float(), str() | int() | float() if not _is_bool(present, value):
            return type(present)(value)
        case _:
            raise TypeError(value)


def _is_bool(*values: object) -> bool:
    # In Python a bool is an int.
    return any(isinstance(each, bool) for each in values)
