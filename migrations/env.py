"""How migrations run: on the engine that the planner hands over, each version in a transaction of its own."""

from alembic import context

from planner.store.resource_tables import CellRow  # the room of tables that stands on all others: its metadata is whole

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=CellRow.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
