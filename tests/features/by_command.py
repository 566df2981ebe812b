"""Staff who work with the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

import attrs
from click.testing import CliRunner, Result

from core.identity import Learner
from core.order_reference import Reference
from core.products.catalogue_rows import COLUMNS
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.main import coursetill
from tests.features.world import EVE, World

# Nothing of the machine that tests run on.
NOTHING = {"COURSETILL_DEBUG": None, "COURSETILL_STAFF": None}
AS = ("--as", EVE.name)


@attrs.define
class CommandLine:
    """Somebody who works for the shop by command, and believes what is printed."""

    world: World

    def imports(self, rows: list[dict[str, str]]) -> tuple[int, int, int]:
        written = io.StringIO()
        table = csv.DictWriter(written, COLUMNS)
        table.writeheader()
        table.writerows(rows)
        return self.imports_text(written.getvalue())

    def imports_text(self, text: str) -> tuple[int, int, int]:
        done = self._run("catalogue", "import", "-", *AS, "--json", typed=text)
        if done.exit_code:
            return 0, 0, 0
        told = json.loads(done.stdout)
        return len(told["added"]), len(told["changed"]), told["unchanged"]

    def reprices(self, sku: str, price: str) -> None:
        self._run("catalogue", "reprice", sku, price, "--reason", "fees have gone up", *AS)

    def withdraws(self, sku: str) -> None:
        self._run("catalogue", "withdraw", sku, *AS)

    def restores(self, sku: str) -> None:
        self._run("catalogue", "restore", sku, *AS)

    def seats(self, sku: str, number: int | None) -> None:
        self._run("catalogue", "seats", sku, "none" if number is None else str(number), *AS)

    def sells_until(self, sku: str, deadline: datetime | None) -> None:
        until = "none" if deadline is None else deadline.isoformat()
        self._run("catalogue", "window", sku, "--until", until, *AS)

    def exports(self) -> str:
        return self._run("catalogue", "export").stdout

    def seats_of(self, sku: str) -> tuple[int, int]:
        told = self._shape("catalogue", "seats", sku)
        return told["seats_paid"], told["seats_reserved"]

    def refunds(
        self,
        reference: Reference,
        amount: str | None = None,
        line: int | None = None,
        *,
        overpayment: bool = False,
    ) -> None:
        part = (
            ["--excess"]
            if overpayment
            else ["--amount", amount]
            if amount
            else ["--line", str(line)]
            if line
            else []
        )
        why = ["--reason", "she changed her mind", *AS, "--yes"]
        self._run("orders", "refund", reference, *part, *why)

    def forgets(self, learner: Learner) -> None:
        why = ["--reason", "asked by letter", "--yes", *AS]
        self._run("learners", "forget", learner.id, *why)

    def held(self, learner: Learner) -> int:
        return len(self._shape("learners", "export", learner.id)["orders"])

    def finds(self, **what: str) -> list[str]:
        told = [text for name, value in what.items() for text in (f"--{name}", value)]
        return [order["reference"] for order in self._shape("orders", "find", *told)["orders"]]

    def notes(self, reference: Reference, text: str) -> None:
        self._run("orders", "note", reference, text, *AS)

    def attends(self, reference: Reference, why: str) -> None:
        self._run("orders", "attended", reference, "--reason", why, *AS)

    def calls_off(self, reference: Reference, why: str) -> None:
        self._run("orders", "cancel", reference, "--reason", why, "--yes", *AS)

    def fulfils(self, reference: Reference, line: int) -> None:
        self._run("orders", "fulfil", reference, "--line", str(line), *AS)

    def history(self, reference: Reference) -> list[tuple[str, str]]:
        entries = self._shape("orders", "show", reference)["history"]
        return [(entry["by"], entry["why"]) for entry in entries]

    def approves(self, reference: Reference) -> None:
        self._run("refund-requests", "approve", reference, *AS, "--yes")

    def denies(self, reference: Reference, why: str) -> None:
        self._run("refund-requests", "deny", reference, "--reason", why, *AS, "--yes")

    def resends_receipt(self, reference: Reference) -> None:
        self._run("orders", "resend-receipt", reference, *AS)

    def keeps_up(self) -> None:
        self._run("upkeep")

    def delivers(self) -> None:
        self._run("outbox", "deliver")

    def prices(self, sku: str) -> list[str]:
        shown = self._shape("catalogue", "show", sku)
        return [version["price"]["amount"] for version in shown["prices"]]

    def journal(self, sku: str) -> list[list[str]]:
        entries = self._shape("journal", "--sku", sku)["entries"]
        return [[e["by"].removeprefix("staff "), e["what"], e["why"]] for e in entries]

    def fulfilment(self, reference: Reference, position: int) -> str:
        shown = self._shape("orders", "show", reference)
        return str(shown["lines"][position - 1]["fulfilment"])

    def needs_attention(self, reference: Reference) -> bool:
        flagged = self._shape("orders", "find", "--attention")["orders"]
        return reference in {order["reference"] for order in flagged}

    def _run(self, *arguments: str, typed: str | None = None) -> Result:
        context = CommandContext({}, self.world.shop)
        done = CliRunner().invoke(coursetill, arguments, input=typed, env=NOTHING, obj=context)
        self.world.tells(done.stderr.replace('\\"', '"') if done.exit_code else None)
        return done

    def says(self, *arguments: str, typed: str | None = None) -> str:
        """What a command prints, which may be one that the features have no better name for."""
        return self._run(*arguments, typed=typed).stdout

    def shape(self, *arguments: str) -> Any:
        """The same as JSON."""
        return self._shape(*arguments)

    def _shape(self, *arguments: str) -> Any:
        return json.loads(self._run(*arguments, "--json").stdout)
