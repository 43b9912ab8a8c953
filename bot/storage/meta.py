"""Small facts of the service itself, by name: where a platform's stream of events was read to."""

from sqlmodel import Session

from bot.storage.store import Tx
from bot.storage.tables import MetaRow


def value_of(session: Session, name: str) -> str | None:
    """What is kept under ``name``; None where nothing is."""
    row = session.get(MetaRow, name)
    return row.value if row else None


def keep(tx: Tx, name: str, value: str) -> None:
    """Keep ``value`` under ``name``, in place of what was there."""
    with tx.session() as session:
        session.merge(MetaRow(name=name, value=value))
        session.commit()
