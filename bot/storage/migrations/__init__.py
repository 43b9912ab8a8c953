"""Alembic's room: one file a schema change, all of them within one transaction."""
