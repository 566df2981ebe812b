"""
Stores ledger entries and review decisions in a file, so that they survive the process.

Each change is a line of JSON, written to disk before the reply. A line that a crash cut off is
dropped. Only the last four digits of a card are stored. Only one process may write; this is not
checked.
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
    """The file is not a ledger of this simulator."""

    path: Path

    def __str__(self) -> str:
        return (
            f"{self.path} holds something else than the simulator's payments. "
            "Move it away or name another file."
        )


@attrs.frozen
class LedgerFile:
    """Open the file at `path`. A new file is readable only by this user."""

    path: Path

    def read(self) -> tuple[list[LedgerEntry], list[Conversion]]:
        """The current state of every entry, and every decision, oldest first.

        Raises UnreadableLedgerFile.
        """
        entries: dict[str, LedgerEntry] = {}
        conversions = []
        try:
            for line in self._lines():
                match line:
                    case {"entry": fields}:
                        entries[fields["id"]] = _entry(fields)
                    case {"conversion": fields}:
                        at = datetime.fromisoformat(fields["at"])
                        conversions.append(Conversion(**{**fields, "at": at}))
                    case _:
                        raise UnreadableLedgerFile(self.path)
        except (ArithmeticError, KeyError, TypeError, ValueError) as foreign:
            raise UnreadableLedgerFile(self.path) from foreign
        return list(entries.values()), conversions

    def note_entry(self, entry: LedgerEntry) -> None:
        """Write a new entry, or the new state of one."""
        self._append({"entry": _told(entry)})

    def note_conversion(self, conversion: Conversion) -> None:
        """Store a decision."""
        self._append({"conversion": attrs.asdict(conversion, value_serializer=_plain)})

    def clear(self) -> None:
        """Remove everything."""
        self.path.write_bytes(b"")

    def _append(self, line: dict[str, Any]) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            # A line that a crash cut off ends in a line break added later, and is not JSON.
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
                # The start of one of our lines is from a crash; any other text is not ours.
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
        """The state in the file at `path`; without a path, empty and in memory.

        Raises UnreadableLedgerFile, or OSError if the file cannot be read.
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
        """Remove everything, in the file too."""
        self.ledger.clear()
        self.conversions.clear()
        if self.journal is not None:
            self.journal.clear()


def _told(entry: LedgerEntry) -> dict[str, Any]:
    fields = attrs.asdict(
        attrs.evolve(entry, outcome=attrs.evolve(entry.outcome, fault=None), card=None),
        value_serializer=_plain,
    )
    card = entry.card
    if card is not None:
        fields["card"] = {
            "masked": card.masked,
            "expiry_month": card.expiry_month,
            "expiry_year": card.expiry_year,
            "network": card.network.code if card.network else "",
        }
    return fields


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


def _entry(fields: dict[str, Any]) -> LedgerEntry:
    card, settled_at = fields["card"], fields["settled_at"]
    notes = fields["notes"]
    changed: dict[str, Any] = {
        "kind": LedgerKind(fields["kind"]),
        "requested": Decimal(fields["requested"]),
        "approved": Decimal(fields["approved"]),
        "submitted_at": datetime.fromisoformat(fields["submitted_at"]),
        "settled_at": datetime.fromisoformat(settled_at) if settled_at else None,
        "outcome": Outcome(**{**fields["outcome"], "share": Share(fields["outcome"]["share"])}),
        "card": CardOnFile(**{**card, "network": network_under(card["network"])}) if card else None,
        "notes": Notes(**{**notes, "marks": tuple((key, value) for key, value in notes["marks"])}),
    }
    return LedgerEntry(**{**fields, **changed})
