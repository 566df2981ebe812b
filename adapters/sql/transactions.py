"""Transactions in SQL. Rows are only appended; a trigger refuses every other change."""

from __future__ import annotations

from adapters.sql.account_columns import account_columns, account_of
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import transactions
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.transaction import Card, Transaction, TransactionIsRecorded, TransactionKind


class SqlTransactions:
    def __init__(self, run: Statements):
        self._run = run

    def of(self, reference: Reference, /) -> tuple[Transaction, ...]:
        rows = self._run.rows(
            transactions.select()
            .where(transactions.c.reference == reference)
            .order_by(transactions.c.sequence)
        )
        return tuple(map(_transaction, rows))

    def add(self, transaction: Transaction, /) -> None:
        card = transaction.card
        self._run.change(
            transactions.insert(),
            {
                "gateway_id": transaction.gateway_id,
                "kind": transaction.kind.value,
                "reference": transaction.reference,
                "attempt": transaction.attempt,
                "amount_minor": transaction.amount.minor,
                "currency": transaction.amount.currency.code,
                "at": transaction.at,
                "card_brand": None if card is None else card.brand,
                "card_last_four": None if card is None else card.last_four,
                "raw": dict(transaction.raw),
                **account_columns(transaction.account),
            },
            taken=TransactionIsRecorded(transaction.gateway_id),
        )


def _transaction(row: AnyRow) -> Transaction:
    return Transaction(
        gateway_id=row.gateway_id,
        kind=TransactionKind(row.kind),
        reference=Reference(row.reference),
        attempt=AttemptId(row.attempt),
        amount=Money(row.amount_minor, Currency[row.currency]),
        at=row.at,
        card=None if row.card_brand is None else Card(row.card_brand, row.card_last_four),
        raw=row.raw,
        account=account_of(row),
    )
