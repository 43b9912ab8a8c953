"""``zhiban check --hosts`` names what a start script would miss, before a restart stops what it cannot start; sshd is real."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.servers.test_check_hosts import check
from tests.support import estate as estates
from tests.support.estate import Estate

pytestmark = pytest.mark.servers
PROFILE = "export JAVA_HOME=/opt/jdk8\nexport PATH=$PATH:$JAVA_HOME/bin\necho welcome\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Estate]:
    if shutil.which("bash") is None:
        pytest.skip("bash reads the profile")
    with estates.running(tmp_path / "estate") as running:
        yield running


def notes(house: Estate, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert check(house, folder) == 0
    return [line for line in capsys.readouterr().out.splitlines() if "login profile" in line]


def test_8_20_variables_of_the_login_profile_alone_are_named_in_one_line_and_never_shown(
    house: Estate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notes(house, tmp_path, capsys) == []
    for host in ("oa1", "oa3"):
        (house.servers[host].home / ".bash_profile").write_text(PROFILE)
    (line,) = notes(house, tmp_path, capsys)
    assert "on oa1, oa3, JAVA_HOME, PATH stands in the login profile only" in line
    assert "login: [profile]" in line
    assert "/opt" not in line


def test_8_20_a_host_whose_commands_get_the_login_profile_misses_nothing(
    house: Estate, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.servers["oa1"].home / ".bash_profile").write_text(PROFILE)
    written = Estate.write_hosts

    def with_login(self: Estate, data: Path) -> None:
        written(self, data)
        hosts = yaml.safe_load((data / "hosts.yaml").read_text("utf-8"))
        hosts["hosts"]["oa1"]["login"] = ["profile"]
        (data / "hosts.yaml").write_text(yaml.safe_dump(hosts, allow_unicode=True), "utf-8")

    monkeypatch.setattr(Estate, "write_hosts", with_login)
    assert notes(house, tmp_path, capsys) == []
