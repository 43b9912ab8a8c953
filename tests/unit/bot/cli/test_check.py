"""``zhiban check`` says before the first run that it would be refused for want of a pinned host key (fault F64)."""

from pathlib import Path

import pytest

from bot.__main__ import main
from data.load.site import load_site
from tests.support.paths import EXAMPLE
from tests.support.roster_now import roster_for_now

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEE2gKUph73oFRH2VCH56JSjV1jw1vDwMHFOe2L7sExh"


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBAN_LOCALE", "en")


@pytest.mark.parametrize("content", [None, "", "# nothing yet\n"])
def test_hosts_without_a_pinned_key_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    (tmp_path / "zhiban.toml").write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "{tmp_path}"\n')
    roster_for_now(tmp_path)
    known = tmp_path / "known_hosts"
    if content is not None:
        known.write_text(content)
    assert said(tmp_path, capsys) == [
        f"note: {known} pins no key of oa1, oa2, oa3, oa4, oa5 and 9 more; "
        "nothing runs there until zhiban hosts scan has (docs/ssh.md)"
    ]
    hosts = list(load_site(EXAMPLE, with_roster=False).hosts.values())
    known.write_text("".join(f"{host.address} {KEY}\n" for host in hosts[1:]))
    assert [note.partition(";")[0] for note in said(tmp_path, capsys)] == [f"note: {known} pins no key of oa1"]


def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", "--config", str(folder / "zhiban.toml")]) == 0
    return [line for line in capsys.readouterr().out.splitlines() if "known_hosts" in line]
