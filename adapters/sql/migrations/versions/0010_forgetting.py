"""Histories stay as they were written, but for who a forgotten learner was."""

from alembic import op

revision = "0010"
down_revision = "0009"

# What may be erased, and how that looks afterwards; every other column stays as it is.
ERASED = {
    "order_history": {"by_name": "forgotten-%", "why": "%[erased]%"},
    "journal": {"subject_id": "forgotten-%", "what": "%[erased]%", "why": "%[erased]%"},
}
KEPT = {
    "order_history": ("sequence", "reference", "at", "by_kind", "moved_from", "moved_to"),
    "journal": ("sequence", "at", "by_kind", "by_name", "subject_kind"),
}


def upgrade() -> None:
    for table in ERASED:
        if op.get_bind().dialect.name == "postgresql":
            _on_postgresql(table)
        else:
            _on_sqlite(table)


def _only_erases(table: str, same: str) -> str:
    """Whether a change of a row is an erasure and nothing else; `same` compares as SQL does."""
    kept = [f"NEW.{name} {same} OLD.{name}" for name in KEPT[table]]
    erased = [
        f"(NEW.{name} = OLD.{name} OR NEW.{name} LIKE '{looks}')"
        for name, looks in ERASED[table].items()
    ]
    changed = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in ERASED[table])
    return " AND ".join((*kept, *erased, f"({changed})"))


def _on_sqlite(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_no_update")
    op.execute(
        f"""
        CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
        WHEN NOT ({_only_erases(table, "IS")})
        BEGIN SELECT RAISE(ABORT, '{table} can only be appended to'); END
        """
    )


def _on_postgresql(table: str) -> None:
    op.execute(f"DROP TRIGGER {table}_only_append ON {table}")
    op.execute(
        f"""
        CREATE TRIGGER {table}_only_append BEFORE DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_append()
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER {table}_only_erase BEFORE UPDATE ON {table} FOR EACH ROW
        WHEN (NOT ({_only_erases(table, "IS NOT DISTINCT FROM")}))
        EXECUTE FUNCTION {table}_only_append()
        """
    )
