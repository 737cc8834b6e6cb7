"""How migrations run: on the engine that the planner hands over, each version in a transaction of its own."""

from alembic import context

from planner.store import feed_tables, outbox_tables, resource_tables  # noqa: F401  # every room of tables
from planner.store.tables import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
