"""Staff who use the command line."""

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
from core.use_cases.discounts.create_discount import DiscountDraft
from entrypoints.cli.app.context import CommandContext
from entrypoints.cli.app.main import coursetill
from tests.features.world import EVE, World

# The environment of the machine that runs the tests does not reach the commands.
NO_ENVIRONMENT = {"COURSETILL_DEBUG": None, "COURSETILL_STAFF": None}
AS = ("--as", EVE.name)


@attrs.define
class CommandLineStaff:
    """A member of staff who uses the command line and reads its output."""

    world: World

    def create_discount(self, draft: DiscountDraft) -> None:
        terms = {
            "kind": draft.kind,
            "amount": draft.amount,
            "source": draft.source.value,
            "redemption": draft.redemption_type.value,
            "max": draft.max_redemptions,
            "max-per-learner": draft.max_per_learner,
            "from": None if draft.activates_at is None else draft.activates_at.isoformat(),
            "payment-type": draft.payment_type.value,
        }
        options = [text for n, value in terms.items() if value for text in (f"--{n}", str(value))]
        options += [text for learner in draft.learners for text in ("--learner", learner)]
        self._run("discounts", "create", draft.code, *options, *AS)

    def import_catalogue_rows(self, rows: list[dict[str, str]]) -> tuple[int, int, int]:
        written = io.StringIO()
        table = csv.DictWriter(written, COLUMNS)
        table.writeheader()
        table.writerows(rows)
        return self.import_catalogue_file(written.getvalue())

    def import_catalogue_file(self, text: str) -> tuple[int, int, int]:
        done = self._run("catalogue", "import", "-", *AS, "--json", typed=text)
        if done.exit_code:
            return 0, 0, 0
        result = json.loads(done.stdout)
        return len(result["added"]), len(result["changed"]), result["unchanged"]

    def change_price(self, sku: str, price: str) -> None:
        self._run("catalogue", "reprice", sku, price, "--reason", "fees have gone up", *AS)

    def withdraw(self, sku: str) -> None:
        self._run("catalogue", "withdraw", sku, *AS)

    def put_back_on_sale(self, sku: str) -> None:
        self._run("catalogue", "restore", sku, *AS)

    def set_capacity(self, sku: str, number: int | None) -> None:
        self._run("catalogue", "seats", sku, "none" if number is None else str(number), *AS)

    def set_payment_deadline(self, sku: str, deadline: datetime | None) -> None:
        until = "none" if deadline is None else deadline.isoformat()
        self._run("catalogue", "window", sku, "--until", until, *AS)

    def export_catalogue(self) -> str:
        return self._run("catalogue", "export").stdout

    def paid_and_reserved_seats(self, sku: str) -> tuple[int, int]:
        seats = self._json("catalogue", "seats", sku)
        return seats["seats_paid"], seats["seats_reserved"]

    def refund(
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

    def erase_personal_data(self, learner: Learner) -> None:
        why = ["--reason", "asked by letter", "--yes", *AS]
        self._run("learners", "forget", learner.id, *why)

    def orders_in_data_export(self, learner: Learner) -> int:
        return len(self._json("learners", "export", learner.id)["orders"])

    def find_orders(self, **filters: str) -> list[str]:
        options = [text for name, value in filters.items() for text in (f"--{name}", value)]
        return [order["reference"] for order in self._json("orders", "find", *options)["orders"]]

    def add_note(self, reference: Reference, text: str) -> None:
        self._run("orders", "note", reference, text, *AS)

    def resolve_attention_flag(self, reference: Reference, why: str) -> None:
        self._run("orders", "attended", reference, "--reason", why, *AS)

    def cancel_unpaid_order(self, reference: Reference, why: str) -> None:
        self._run("orders", "cancel", reference, "--reason", why, "--yes", *AS)

    def request_enrolment_again(self, reference: Reference, line: int) -> None:
        self._run("orders", "fulfil", reference, "--line", str(line), *AS)

    def history(self, reference: Reference) -> list[tuple[str, str]]:
        entries = self._json("orders", "show", reference)["history"]
        return [(entry["by"], entry["why"]) for entry in entries]

    def approve_refund_request(self, reference: Reference) -> None:
        self._run("refund-requests", "approve", reference, *AS, "--yes")

    def deny_refund_request(self, reference: Reference, why: str) -> None:
        self._run("refund-requests", "deny", reference, "--reason", why, *AS, "--yes")

    def resend_receipt_email(self, reference: Reference) -> None:
        self._run("orders", "resend-receipt", reference, *AS)

    def run_scheduled_check(self) -> None:
        self._run("upkeep")

    def run_scheduled_delivery(self) -> None:
        self._run("outbox", "deliver")

    def price_history(self, sku: str) -> list[str]:
        shown = self._json("catalogue", "show", sku)
        return [version["price"]["amount"] for version in shown["prices"]]

    def audit_log_of(self, sku: str) -> list[list[str]]:
        entries = self._json("journal", "--sku", sku)["entries"]
        return [[e["by"].removeprefix("staff "), e["what"], e["why"]] for e in entries]

    def fulfilment(self, reference: Reference, position: int) -> str:
        shown = self._json("orders", "show", reference)
        return str(shown["lines"][position - 1]["fulfilment"])

    def needs_attention(self, reference: Reference) -> bool:
        flagged = self._json("orders", "find", "--attention")["orders"]
        return reference in {order["reference"] for order in flagged}

    def _run(self, *arguments: str, typed: str | None = None) -> Result:
        context = CommandContext({}, self.world.shop)
        done = CliRunner().invoke(
            coursetill, arguments, input=typed, env=NO_ENVIRONMENT, obj=context
        )
        self.world.record_refusal(done.stderr.replace('\\"', '"') if done.exit_code else None)
        return done

    def printed(self, *arguments: str, typed: str | None = None) -> str:
        """The output of a command that has no method of its own here."""
        return self._run(*arguments, typed=typed).stdout

    def json(self, *arguments: str) -> Any:
        """The same, as JSON."""
        return self._json(*arguments)

    def _json(self, *arguments: str) -> Any:
        return json.loads(self._run(*arguments, "--json").stdout)
