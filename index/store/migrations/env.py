"""alembic's environment: always on a connection handed over by index.store.schema, never offline."""

from __future__ import annotations

from alembic import context

from index.store import account_tables as account_tables
from index.store import alert_tables as alert_tables
from index.store import health_tables as health_tables
from index.store import host_tables as host_tables
from index.store import keeping_tables as keeping_tables
from index.store import story_tables as story_tables
from index.store.tables import metadata


def run() -> None:
    """Run the migrations on the connection of the configuration, inside its transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=False)
    context.run_migrations()


run()
