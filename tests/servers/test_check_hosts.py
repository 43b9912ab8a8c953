"""``zhiban check --hosts`` says before anybody needs it whether nodes can be taken out; sshd, nginx and nodes are real."""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support import estate as estates
from tests.support.estate import Estate
from tests.support.nginx_layouts import tree
from tests.support.paths import EXAMPLE
from tests.support.roster_now import roster_for_now

pytestmark = pytest.mark.servers


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Estate]:
    with estates.running(tmp_path / "estate") as running:
        yield running


def check(house: Estate, folder: Path) -> int:
    """The exit code, on the example's people and the estate's servers."""
    shutil.copytree(EXAMPLE, folder / "data", dirs_exist_ok=True)
    house.write_hosts(folder / "data")
    config = folder / "zhiban.toml"
    pinned = f'known_hosts = "{house.known_hosts}"\nkey_file = "{house.key_file}"'
    if not (folder / "state").exists():
        roster_for_now(folder / "state")
    config.write_text(f'locale = "en"\ndata_dir = "data"\nstate_dir = "state"\n[ssh]\n{pinned}\n')
    return main(["check", "--config", str(config), "--hosts"])


@pytest.mark.waits
def test_8_19_check_hosts_looks_at_the_layout_and_changes_nothing(
    house: Estate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(house.nginx.prefix)
    assert check(house, tmp_path) == 0
    assert "oa: nginx on lb1 is understood; 4 of 4 nodes are known to serve" in capsys.readouterr().out
    assert tree(house.nginx.prefix) == before
    conf, text = house.nginx.conf, house.nginx.conf.read_text()
    entry = f"server {house.address('oa2')};"
    for written, told in (
        (text.replace(entry, f"{entry} # one\n{entry}"), "stands more than once"),
        (text.replace(entry, f"server\n{entry.removeprefix('server ')}"), "holds more than"),
        (text.replace("http {", "http {\nnonsense on;"), 'unknown directive "nonsense"'),
        (
            text.replace("location / {", f"location /x {{ proxy_pass http://{house.address('oa2')}; }}\nlocation / {{"),
            "past every upstream",
        ),
    ):
        conf.write_text(written)
        assert check(house, tmp_path) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("hosts oa: ")
        assert told in line
    conf.write_text(text)
    pid = house.apps.pid(house.addresses["oa3"])
    assert pid is not None
    os.kill(pid, 19)  # it takes connections and answers none
    try:
        assert check(house, tmp_path) == 0
    finally:
        os.kill(pid, 18)
    assert "note: oa: oa3 is not seen to serve (timeout)" in capsys.readouterr().out


def test_8_22_check_hosts_names_the_nodes_without_the_licence_page(
    house: Estate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    group = house.site.host_groups["oa"]
    gone = dataclasses.replace(group, values={"licence_page": "/gone/licenseInfo.jsp"})
    groups = {**house.site.host_groups, "oa": gone}
    elsewhere = dataclasses.replace(house, site=dataclasses.replace(house.site, host_groups=groups))
    for site, many in ((house, 0), (elsewhere, 4)):
        assert check(site, tmp_path) == 0
        notes = [line for line in capsys.readouterr().out.splitlines() if "licence page" in line]
        assert len(notes) == many
    assert notes[0].startswith("note: hosts oa: oa1: oa1 has no licence page")
    assert f"http://{house.address('oa1')}/gone/licenseInfo.jsp (404)" in notes[0]
