"""Connections as ``netstat -nat`` lists them, counted here and never by a shell pipeline (SOP 5.3, line 43)."""

from collections import Counter


def established(listing: str) -> Counter[str]:
    """How many are established, by the foreign address (``ip:port``); IPv4 addresses written as IPv6 are the same."""
    rows = [line.split() for line in listing.splitlines()]
    return Counter(row[4].removeprefix("::ffff:") for row in rows if len(row) >= 6 and row[5] == "ESTABLISHED")
