"""A changed file of the organisation is in force at once, and one with a fault changes nothing."""

import shutil
from pathlib import Path

import pytest

from data.live import LiveSite
from data.load.site import load_desk, load_site
from tests.support.paths import EXAMPLE

TZ = "Asia/Shanghai"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "data"))


def live(data: Path) -> LiveSite:
    return LiveSite(lambda: load_site(data, None, TZ), (data,), lambda: load_desk(data, None, TZ))


def rename(data: Path, name: str) -> None:
    chats = data / "chats.yaml"
    chats.write_text(chats.read_text("utf-8").replace("name: 统计局交流群", f"name: {name}"), "utf-8")


def test_a_changed_file_is_in_force(data: Path) -> None:
    site = live(data)
    rename(data, "统计大家庭")
    assert site.refresh()
    assert site().chats["tongji"].name == "统计大家庭"
    assert not site.refresh()


def test_a_fault_changes_nothing(data: Path) -> None:
    site = live(data)
    rename(data, "统计大家庭")
    (data / "hosts.yaml").write_text("hosts: [", "utf-8")
    assert not site.refresh()
    assert (site().chats["tongji"].name, site().servers_off) == ("统计局交流群", ())
    assert "oa3" in site().hosts


def test_while_the_inventory_is_wrong_from_the_start_the_duty_desk_still_reads_its_own_files(data: Path) -> None:
    hosts = (data / "hosts.yaml").read_text("utf-8")
    (data / "hosts.yaml").write_text("hosts: [", "utf-8")
    site = live(data)
    rename(data, "统计大家庭")
    assert site.refresh()
    assert (site().chats["tongji"].name, bool(site().servers_off)) == ("统计大家庭", True)
    (data / "hosts.yaml").write_text(hosts, "utf-8")
    assert site.refresh()
    assert (site().servers_off, "oa3" in site().hosts) == ((), True)
