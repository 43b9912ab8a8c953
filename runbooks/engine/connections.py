"""Connections as ``netstat -nat`` lists them, counted here and never by a shell pipeline (SOP 5.3, line 43)."""

from collections import Counter


def established(listing: str) -> Counter[str]:
    """How many are established, by the foreign address (``ip:port``); IPv4 addresses written as IPv6 are the same.

    Each counts once, however often it stands there: Linux lists the last ones again where others came while it listed them.
    """
    rows = (line.replace("::ffff:", "").split() for line in listing.splitlines())
    ends = {(row[3], row[4]) for row in rows if len(row) >= 6 and row[5] == "ESTABLISHED"}
    return Counter(foreign for _, foreign in ends)
