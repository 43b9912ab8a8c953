"""SQLite's result codes as the kinds of trouble that call for different acts. Needs the driver alone."""

import sqlite3

from bot.storage.trouble import Trouble

_PRIMARY = 0xFF  # the low byte of an extended result code
_KINDS = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_READONLY: Trouble.DENIED,
    sqlite3.SQLITE_CANTOPEN: Trouble.DENIED,
    sqlite3.SQLITE_PERM: Trouble.DENIED,
    sqlite3.SQLITE_AUTH: Trouble.DENIED,
    sqlite3.SQLITE_IOERR: Trouble.DISK,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
# The file that the log of a WAL database is mapped by could not be made as long as it must be: no room (measured on a full tmpfs).
_NO_ROOM = {sqlite3.SQLITE_IOERR_SHMSIZE}


def trouble_of(error: BaseException) -> Trouble:
    """What an error of the driver, or of SQLAlchemy around it, means."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorcode", None)
    if code is None:
        return Trouble.OTHER
    return Trouble.FULL if code in _NO_ROOM else _KINDS.get(code & _PRIMARY, Trouble.OTHER)
