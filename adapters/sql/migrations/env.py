"""Alembic's way in: carries out the migrations on the connection it is handed."""

from alembic import context

from adapters.sql.tables import metadata

handed = context.config.attributes
context.configure(
    connection=handed["connection"],
    target_metadata=metadata,  # It says how constraints are named.
    version_table=handed["version_table"],
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
