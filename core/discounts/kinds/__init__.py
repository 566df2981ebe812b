"""The kinds of discount, by the name staff write them under: one file each in this folder.

A new kind is a new file with one class that has a `kind` and does what `Saving` says. It is found
here by itself, and nothing else of the shop names it.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from core.discounts.saving import Saving


def _found() -> Iterator[type[Saving]]:
    for place in iter_modules(__path__):
        module = import_module(f"{__name__}.{place.name}")
        for defined in vars(module).values():
            here = getattr(defined, "__module__", None) == module.__name__
            if here and isinstance(defined, type) and isinstance(getattr(defined, "kind", 0), str):
                yield defined


KINDS: Mapping[str, type[Saving]] = {found.kind: found for found in _found()}
