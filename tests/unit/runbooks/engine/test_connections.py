"""Connections are counted as they are, not as often as a busy host lists them."""

import pytest

from runbooks.engine.connections import established

HEAD = "Proto Recv-Q Send-Q Local Address           Foreign Address         State\n"
ONE = "tcp        0      0 10.154.0.170:51234      10.154.0.179:6888       ESTABLISHED\n"
TWO = "tcp        0    196 10.154.0.170:51235      10.154.0.179:6888       ESTABLISHED\n"
SIX = "tcp6       0      0 ::ffff:10.154.0.170:51234 ::ffff:10.154.0.179:6888 ESTABLISHED\n"
NODE = "tcp        0      0 10.154.0.179:6888       10.154.0.170:51234      ESTABLISHED\n"  # the other end, on the same host


@pytest.mark.parametrize(
    ("listing", "counted"),
    [
        (ONE + TWO, {"10.154.0.179:6888": 2}),
        (ONE + TWO + ONE + TWO, {"10.154.0.179:6888": 2}),  # the last two once more
        (ONE + TWO + TWO.replace(" 196", "   0"), {"10.154.0.179:6888": 2}),  # its queue was emptied meanwhile
        (ONE + SIX, {"10.154.0.179:6888": 1}),
        (ONE + NODE, {"10.154.0.179:6888": 1, "10.154.0.170:51234": 1}),
        (ONE.replace("ESTABLISHED", "TIME_WAIT"), {}),
        ("", {}),
        ("tcp 0\n", {}),  # cut off
    ],
)
def test_a_connection_that_is_listed_twice_is_one(listing: str, counted: dict[str, int]) -> None:
    assert established(HEAD + listing) == counted
