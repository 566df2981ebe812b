"""
The ledger's entries and the decisions on reviews in a file, so that they outlive the process.

Each change is a line of JSON, on the disk before it is answered; a line that a crash cut off is
dropped. Of a card the last four digits are kept. One process writes at a time, which nobody checks.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from coursetill_simulators.cybersource.state.ledger import Ledger, LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.merchant_references import Notes
from coursetill_simulators.cybersource.state.outcomes import Outcome, Share
from coursetill_simulators.cybersource.state.reviews import Conversion, Conversions
from coursetill_simulators.cybersource.wire_format.cards import CardOnFile, network_under

_BEGINNINGS = (b'{"entry": ', b'{"conversion": ')


@attrs.frozen
class UnreadableLedgerFile(Exception):
    """The file holds something, but no ledger of this simulator."""

    path: Path

    def __str__(self) -> str:
        return (
            f"{self.path} holds something else than the simulator's payments. "
            "Move it away or name another file."
        )


@attrs.frozen
class LedgerFile:
    """The file at `path`, made where there is none, readable by this user alone."""

    path: Path

    def read(self) -> tuple[list[LedgerEntry], list[Conversion]]:
        """Every entry as it stands and every decision, oldest first.

        Raises UnreadableLedgerFile.
        """
        entries: dict[str, LedgerEntry] = {}
        conversions = []
        try:
            for line in self._lines():
                match line:
                    case {"entry": told}:
                        entries[told["id"]] = _entry(told)
                    case {"conversion": told}:
                        at = datetime.fromisoformat(told["at"])
                        conversions.append(Conversion(**{**told, "at": at}))
                    case _:
                        raise UnreadableLedgerFile(self.path)
        except (ArithmeticError, KeyError, TypeError, ValueError) as foreign:
            raise UnreadableLedgerFile(self.path) from foreign
        return list(entries.values()), conversions

    def note_entry(self, entry: LedgerEntry) -> None:
        """Write down something new, or what has become of something known."""
        self._append({"entry": _told(entry)})

    def note_conversion(self, conversion: Conversion) -> None:
        """Write down a decision."""
        self._append({"conversion": attrs.asdict(conversion, value_serializer=_plain)})

    def clear(self) -> None:
        """Forget everything."""
        self.path.write_bytes(b"")

    def _append(self, line: dict[str, Any]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            # What a crash cut off stands before a line break of its own, and is no JSON.
            file.write(b"\n" + json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> Iterator[object]:
        content = self.path.read_bytes() if self.path.exists() else b""
        for line in content.split(b"\n"):
            try:
                if line:
                    yield json.loads(line)
            except ValueError:
                # Half a line of ours is the mark of a crash; anything else is not ours.
                if not any(begins.startswith(line[: len(begins)]) for begins in _BEGINNINGS):
                    raise


@attrs.frozen(kw_only=True)
class StoredState:
    """The ledger and the decisions on reviews, in memory or in a file."""

    ledger: Ledger = attrs.field(factory=Ledger)
    conversions: Conversions = attrs.field(factory=Conversions)
    journal: LedgerFile | None = None

    @classmethod
    def kept_in(cls, path: Path | None) -> "StoredState":
        """The state as the file at `path` has it; without a path, empty and in memory.

        Raises UnreadableLedgerFile, or OSError where the file cannot be read.
        """
        if path is None:
            return cls()
        journal = LedgerFile(path)
        entries, decided = journal.read()
        return cls(
            ledger=Ledger(entries, journal.note_entry),
            conversions=Conversions(decided, journal.note_conversion),
            journal=journal,
        )

    def clear(self) -> None:
        """Forget everything, in the file too."""
        self.ledger.clear()
        self.conversions.clear()
        if self.journal is not None:
            self.journal.clear()


def _told(entry: LedgerEntry) -> dict[str, Any]:
    told = attrs.asdict(
        attrs.evolve(entry, outcome=attrs.evolve(entry.outcome, fault=None), card=None),
        value_serializer=_plain,
    )
    card = entry.card
    if card is not None:
        told["card"] = {
            "masked": card.masked,
            "expiry_month": card.expiry_month,
            "expiry_year": card.expiry_year,
            "network": card.network.code if card.network else "",
        }
    return told


def _plain(_: object, __: object, value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case Decimal():
            return str(value)
        case LedgerKind() | Share():
            return value.value
        case _:
            return value


def _entry(told: dict[str, Any]) -> LedgerEntry:
    card, settled_at = told["card"], told["settled_at"]
    notes = told["notes"]
    changed: dict[str, Any] = {
        "kind": LedgerKind(told["kind"]),
        "requested": Decimal(told["requested"]),
        "approved": Decimal(told["approved"]),
        "submitted_at": datetime.fromisoformat(told["submitted_at"]),
        "settled_at": datetime.fromisoformat(settled_at) if settled_at else None,
        "outcome": Outcome(**{**told["outcome"], "share": Share(told["outcome"]["share"])}),
        "card": CardOnFile(**{**card, "network": network_under(card["network"])}) if card else None,
        "notes": Notes(**{**notes, "marks": tuple((key, value) for key, value in notes["marks"])}),
    }
    return LedgerEntry(**{**told, **changed})
