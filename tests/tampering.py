"""What somebody with the password of the database could do to the audit trail: its triggers set aside, then back."""

from __future__ import annotations

from contextlib import contextmanager

from planner.store.tables import Table

BEGINNING = {"id": 1, "seq": 0, "mac": "0" * 64}
OF_POSTGRESQL = "ALTER TABLE audit {} TRIGGER USER"


@contextmanager
def unguarded(database):
    """A transaction in which rows of the audit trail can be changed and deleted."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(OF_POSTGRESQL.format("DISABLE"))
            yield connection
            connection.exec_driver_sql(OF_POSTGRESQL.format("ENABLE"))
            return
        triggers = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def emptied(database):
    """No row in any table, and a chain that begins anew."""
    with unguarded(database) as connection:
        for table in reversed(Table.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(Table.metadata.tables["audit_head"].insert().values(BEGINNING))
