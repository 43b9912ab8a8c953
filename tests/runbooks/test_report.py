"""Are listings read as they are written by the real tools?"""

from pathlib import Path

import pytest

from data.load import load_site
from data.site import Site
from runbooks.report import Connections, Disk, NodeLine, connections, disks, node_lines

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
    return load_site(Path(__file__).parents[2] / "data" / "example")


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
