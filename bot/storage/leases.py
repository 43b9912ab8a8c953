"""Who has taken a row up, and for how long it is his although nothing is heard of him.

Where claim and effect are one transaction (an event, a deadline) the owner tells who did it and, after a failure, who tries
again; others leave the row to him until the lease ends. Where the effect is outside (a message on its way, a run) the owner
prolongs the lease as long as he lives. Leases count true time.
"""

import os
import secrets
import socket
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, Table, or_

LEASE = timedelta(seconds=60)
RENEW = LEASE / 3  # a living owner's lease is never older than this


def new_owner() -> str:
    """A name for this process and this life of it."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


def left_to(owner: str | None, lease_until: datetime | None, me: str, now: datetime) -> bool:
    """Whether a row is another living process's."""
    return owner not in {None, me} and lease_until is not None and lease_until > now


def free(table: Table, me: str | BindParameter[str], now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The same as a condition: the rows that are nobody's, mine, or whose lease has ended."""
    return or_(table.c.owner == me, unowned(table, now))


def unowned(table: Table, now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The rows that are nobody's or whose lease has ended."""
    return or_(table.c.owner.is_(None), table.c.lease_until.is_(None), table.c.lease_until <= now)
