"""Listings are read as the real tools write them, and what of them stands in the answer."""

from datetime import UTC, datetime

import pytest

from data.site import Site
from runbooks.language.load.catalogue import load_catalogue
from runbooks.language.vocabulary import Kind
from runbooks.planning.plan import Plan
from runbooks.planning.planner import plan_run
from runbooks.runs.report import (
    LONGEST,
    MOST_SHOWN,
    WIDTH,
    Connections,
    Disk,
    NodeLine,
    Ports,
    coming,
    connections,
    disks,
    node_lines,
    probed,
    shown,
    since_asked,
)
from tests.support.once import example_site

NETSTAT = """Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State
tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN
tcp        0      0 10.154.0.170:51234      10.154.0.179:6888       ESTABLISHED
tcp        0      0 10.154.0.170:51235      10.154.0.179:6888       ESTABLISHED
tcp        0      0 10.154.0.170:51236      10.154.0.179:6888       TIME_WAIT
tcp        0      0 10.154.0.170:80         19.0.12.31:6888         ESTABLISHED
tcp        0      0 10.154.0.170:51237      10.154.0.179:22         ESTABLISHED
tcp6       0      0 ::ffff:10.154.0.170:5   ::ffff:10.154.0.181:6888 ESTABLISHED
"""
DF = """Filesystem             1024-blocks      Used Available Capacity Mounted on
udev                       8123456         0   8123456       0% /dev
/dev/mapper/vg-data     1048366080 859660186 188705894      82% /data
/dev/sda2                   999320    100000    899320      10% /boot with blank
tmpfs                      1634567      1234   1633333       1% /run
"""


@pytest.fixture(scope="module")
def site() -> Site:
    return example_site()


def test_established_connections_are_counted_per_node(site: Site) -> None:
    found = connections(NETSTAT, "oa", site)
    assert found[:3] == [
        Connections("oa1", "10.154.0.179:6888", 2),
        Connections("oa2", "10.154.0.181:6888", 1),
        Connections("oa3", "10.154.0.164:6888", 0),
    ]
    assert len(found) == 10


def test_disks_are_the_real_ones_fullest_first() -> None:
    assert disks(DF) == [
        Disk("/data", "/dev/mapper/vg-data", 82, 1048366080 / 2**20, 188705894 / 2**20, lvm=True),
        Disk("/boot with blank", "/dev/sda2", 10, 999320 / 2**20, 899320 / 2**20, lvm=False),
    ]


def test_nodes_are_named_and_in_file_order(site: Site) -> None:
    conf = "upstream u {\nserver 10.154.0.179:6888;\n#server 10.154.0.181:6888;\nserver 10.9.9.9:6888 down;\n}"
    assert node_lines(conf, "u", site) == [
        NodeLine("oa1", "10.154.0.179:6888", "in"),
        NodeLine("oa2", "10.154.0.181:6888", "out"),
        NodeLine("", "10.9.9.9:6888", "down"),
    ]


def plan(line: str, site: Site) -> Plan:
    catalogue = load_catalogue()
    verb, *typed = line.split()
    definition, words = catalogue.pick(verb, tuple(typed))
    return plan_run(definition, words, site, catalogue=catalogue, at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


def rows(line: str, site: Site, *outputs: str) -> list[tuple[str, str, tuple[str, ...]]]:
    said = zip(plan(line, site).steps, outputs, strict=False)
    return [(row.host, row.title.en, row.lines) for row in shown(said)]


def test_a_backup_is_answered_with_its_size_and_its_checksum(site: Site) -> None:
    """The listing is GNU ls's, the checksum line sha256sum's; what tar and gzip say is no answer."""
    path = "/data/WEAVER/bakecology-20261122-0930.tar.gz"
    listing = f"-rw-r--r-- 1 root root 1.2G Nov 22 20:11 {path}\n"
    assert rows("backup app oa3", site, "tar: file changed", "", listing, f"{'3f' * 32}  {path}\n") == [
        ("oa3", "size", (f"1.2G {path}",)),
        ("oa3", "checksum", ("3f" * 32,)),
    ]


SYSBENCH = """File operations:
    reads/s:                      1234.50
    writes/s:                     823.00
    fsyncs/s:                     105.55

Throughput:
    read, MiB/s:                  19.29
    written, MiB/s:               12.86
"""
LSCPU = (
    "Architecture:         aarch64\nCPU(s):               64\nOn-line CPU(s) list:  0-63\nModel name:           X 920\n"
)
FREE = "              total        used\nMem:         128000        5000\nSwap:          4095           0\n"


def test_a_measurement_is_answered_with_what_was_measured(site: Site) -> None:
    found = rows("disk-speed oa3", site, "Linux 4.19 aarch64\n", LSCPU, FREE, "NAME\nsda\n", "", "", SYSBENCH, "")
    assert found[:3] == [
        ("oa3", "system and kernel", ("Linux 4.19 aarch64",)),
        ("oa3", "processors", ("CPU(s) 64", "Model name X 920")),
        ("oa3", "memory (MiB)", ("128000",)),
    ]
    assert found[-1][2] == ("reads/s 1234.50", "writes/s 823.00", "read, MiB/s 19.29", "written, MiB/s 12.86")
    sent, got = (
        "[  5]  0.00-5.0  sec  555 MBytes  " + end for end in ("937 Mbits/sec  0  sender", "934 Mbits/sec  receiver")
    )
    iperf = f"{sent}\n{got}\n"
    assert rows("bandwidth oa3 dm1", site, "", iperf) == [("oa3", "measure", ("934 Mbits/sec",))]


def test_what_went_wrong_never_reads_as_if_it_went_well(site: Site) -> None:
    expiry = "LINEID     EXPIRED_DATE\n---------- ------------\n1          2026-12-31\n"
    looked = ("", "")
    assert [lines for _, _, lines in rows("licence show db", site, *looked, expiry, "[-2501]: no\n")] == [
        ("2026-12-31",),
        ("[-2501]: no",),
    ]
    assert rows("licence show db", site, *looked, expiry, "")[1][2] == ("?",)
    assert rows("check-package oa3 oa-1", site, "x", "", "/data/packages/oa-1/a.dmp\n") == [
        ("oa3", "check the checksums", ()),
        ("oa3", "is a database backup in it", ("/data/packages/oa-1/a.dmp",)),
    ]


def test_a_long_list_is_cut_and_says_how_long_it_is(site: Site) -> None:
    steps = plan("upgrade a-1.zip", site).steps
    sql = next(step for step in steps if step.title.en == "SQL in the package")
    listing = "".join(f"ecology/sqlupgrade/DM/{n}.sql\n" for n in range(40))
    (row,) = shown([(sql, f"ecology/sqlupgrade/DM/\n{listing}")])
    assert len(row.lines) == MOST_SHOWN
    assert (row.lines[0], row.lines[-1]) == ("ecology/sqlupgrade/DM/0.sql", "…（40）")


def test_a_long_line_is_cut(site: Site) -> None:
    """What a server says in one line may be as long as its whole output, and goes into messages and the audit log."""
    sql = next(step for step in plan("upgrade a-1.zip", site).steps if step.title.en == "SQL in the package")
    (row,) = shown([(sql, f"ecology/{'x' * 60_000}\necology/{'y' * (LONGEST - 8)}\n")])
    assert row.lines == (f"ecology/{'x' * (LONGEST - 9)}…", f"ecology/{'y' * (LONGEST - 8)}")


def test_a_question_tells_what_was_seen_since_the_last_one_and_what_comes_until_the_next(site: Site) -> None:
    steps = plan("extend-disk oa3 sdb 10G", site).steps
    asks = [place for place, step in enumerate(steps, 1) if step.kind is Kind.ASK]
    assert [since_asked(steps, place) for place in asks] == [1, 2, asks[1] + 1]
    first = [line for part in coming(steps[asks[1] :]) for line in part.lines]
    assert first[0] == "sgdisk -n 1:0:0 -t 1:8e00 /dev/sdb"
    assert not [line for line in first if line.startswith("lvresize")]
    assert coming(steps[asks[2] :])[0].lines == ("lvresize -L +10G '/dev/‹vg›/‹lv›'",)
    upgrade = plan("upgrade a-1.zip", site).steps
    question = next(place for place, step in enumerate(upgrade, 1) if step.kind is Kind.ASK)
    stops = coming(upgrade[question:])[0]
    assert (stops.title.en, len(stops.hosts), stops.lines) == ("stop the application", 10, ())


def test_a_matrix_of_many_ports_is_as_wide_as_a_phone(site: Site) -> None:
    steps = plan("probe-port oa dm1 5236,22,8999,9090,5222,7070,6848", site).steps
    said = "".join(f"$ nc\nx\n= {code}\n" for code in (0, 1, 0, 0, 127, 0, "?"))
    found = probed((step, 0, said) for step in steps)
    assert found.tried == 70
    assert max(len(line) for line in found.table) <= WIDTH
    assert found.table[:2] == ("     5236   22 8999 9090", "oa1     ✓    ✗    ✓    ✓")
    assert found.table[11:13] == ("     5222 7070 6848", "oa1     ?    ✓    ?")
    assert found.closed[0] == ("oa1", ("22",))
    assert found.unsure[-1] == ("oa10", ("5222", "6848"))


def test_one_port_is_judged_by_how_the_probe_ended(site: Site) -> None:
    steps = plan("probe-port db dm1 22", site).steps
    assert probed([(steps[0], 0, "open"), (steps[1], None, "dm2: unreachable")]) == Ports(
        2, ("    22", "dm1  ✓", "dm2  ?"), (), (("dm2", ("22",)),)
    )
