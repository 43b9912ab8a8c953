"""Whose worker is still one of before, by what ``ps`` says: a table of listings, and what may be concluded from each."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.core.errors import UserError
from runbooks.engine.old_workers import OldWorker, left_of, old_workers
from runbooks.planning.outcome import Left
from runbooks.planning.target import Target
from runbooks.remote.command import Result

LB = Target("lb1", "10.154.0.170")
PIDS = frozenset({"101", "102"})
ENDING = "nginx: worker process is shutting down"
NETSTAT = """Proto Recv-Q Send-Q Local Address  Foreign Address    State
tcp        0      0 10.154.0.170:41000 10.154.0.164:6888  ESTABLISHED
tcp6       0      0 10.154.0.170:41002 ::ffff:10.154.0.164:6888 ESTABLISHED
tcp        0      0 10.154.0.170:41004 10.154.0.164:6888  TIME_WAIT
tcp        0      0 10.154.0.170:41006 10.154.0.165:6888  ESTABLISHED
"""


@dataclass
class Host:
    """Answers ``ps`` and ``netstat`` as it was told: exit, standard output, standard error."""

    ps: tuple[int | None, str, str]
    netstat: tuple[int | None, str, str] = (0, NETSTAT, "")

    async def run(self, target: Target, argv: tuple[str, ...], **options: Any) -> Result:
        status, out, err = self.ps if argv[0] == "ps" else self.netstat
        return Result(status, None, out.encode(), err.encode(), False, 0.1)


@pytest.mark.parametrize(
    ("listing", "age", "old"),
    [
        (f"  101       00:20 {ENDING}\n", 60, [OldWorker("101", True)]),
        (
            f"  101    01:00:20 {ENDING}\n  102 1-02:03:04 nginx: worker process\n",
            60,
            [OldWorker("101", True), OldWorker("102", False)],
        ),
        # a host that was started anew gives the same numbers to others
        ("  101       00:20 nginx: worker process\n", 600, []),
        ("  101       09:58 nginx: worker process\n", 600, [OldWorker("101", False)]),  # clocks differ a little
        ("  101    01:00:00 nginx: cache manager process\n", 60, []),
        ("  101    01:00:00 /usr/sbin/sshd -D\n", 60, []),
        ("  777    01:00:00 nginx: worker process is shutting down\n", 60, []),
        (
            "  101           ? nginx: worker process\n",
            60,
            [OldWorker("101", False)],
        ),  # who does not say is taken for old
    ],
)
async def test_8_21_a_worker_of_before_is_known_by_its_title_and_its_age(
    listing: str, age: float, old: list[OldWorker]
) -> None:
    assert list(await old_workers(Host((0, listing, "")), LB, PIDS, age)) == old


async def test_8_21_none_is_left_only_where_ps_says_so() -> None:
    assert await old_workers(Host((1, "", "")), LB, PIDS, 60) == ()
    for said in [(1, "", "error: unsupported option"), (127, "", "sh: ps: not found"), (137, "", ""), (None, "", "")]:
        with pytest.raises(UserError, match="cannot_read"):
            await old_workers(Host(said), LB, PIDS, 60)


@pytest.mark.parametrize(
    ("ps", "netstat", "left"),
    [
        ((0, f"101 00:20 {ENDING}\n", ""), (0, NETSTAT, ""), Left(1, 2)),
        ((0, f"101 00:20 {ENDING}\n", ""), (0, "", ""), Left(1, 0)),
        ((0, f"101 00:20 {ENDING}\n", ""), (127, "", "not found"), Left(1)),
        ((1, "", ""), (0, NETSTAT, ""), Left(0, 0)),  # what new workers hold to it is none of the old
    ],
)
async def test_8_21_connections_to_the_node_are_counted_while_anybody_of_before_is_left(
    ps: tuple[int, str, str], netstat: tuple[int, str, str], left: Left
) -> None:
    assert await left_of(Host(ps, netstat), LB, PIDS, "10.154.0.164:6888", 60) == left
