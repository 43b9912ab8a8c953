"""How large a roster file may be: whoever hands one in, reading it must cost neither memory nor time."""

FILE = 2 * 1024 * 1024  # bytes of the file as it lies there
UNPACKED = 8 * 1024 * 1024  # bytes of the parts of a workbook that are read, unpacked
PARTS = 2_000  # files within a workbook
SHEETS = 60
ROWS = 20_000  # the last line or row, of any sheet
COLUMNS = 100  # the last column
CELLS = 100_000  # filled or merged cells, all sheets together
TEXT = 1_000  # characters in one cell or line; a longer note is no roster's
STRINGS = 100_000  # texts that a workbook keeps for all its sheets
NOTES = 10  # lines of a sheet that are named one by one as not read
FAULTS = 100  # told of one file; who has more mends those first


class TooLarge(Exception):
    """``what`` is more than ``limit`` (the name of a constant here, lower-cased, and its value)."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what)
        self.what = what
        self.limit = limit


def hold(what: str, count: int, limit: int) -> None:
    """Raises ``TooLarge`` when there is more than allowed."""
    if count > limit:
        raise TooLarge(what, limit)
