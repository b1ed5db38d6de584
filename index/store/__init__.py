"""The archive in a database: the only place that knows SQLAlchemy. Functions take an open transaction first."""

from index.store.engine import Store, Transaction, open_store, opened_store

__all__ = ["Store", "Transaction", "open_store", "opened_store"]
