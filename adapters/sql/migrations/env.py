"""Alembic's entry point: runs the migrations on the given connection."""

from alembic import context

from adapters.sql.tables import metadata

handed = context.config.attributes
context.configure(
    connection=handed["connection"],
    target_metadata=metadata,  # The metadata defines how constraints are named.
    version_table=handed["version_table"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
