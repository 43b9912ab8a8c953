"""Accounts that end before any command: their status is never taken for the command's; against real sshd and bash."""

from pathlib import Path

import pytest

from runbooks.remote.command import NotStarted
from tests.servers.test_shells import reached, server

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(
    "startup", ["set -e\nfalse\n", "exit 1\n", "exit 7\n", "cd /no/such/folder 2>/dev/null || exit\n"]
)
@pytest.mark.parametrize("mark", [None, "R1-1/1.1"])
async def test_8_20_an_account_that_ends_with_an_error_before_the_command_is_sent_nothing(
    tmp_path: Path, startup: str, mark: str | None
) -> None:
    """Else a look whose status says something ("no such line", "the port is closed", "there is such a file") says it untruly."""
    with server(tmp_path, bashrc=startup) as running:
        async with reached(running, tmp_path) as (ssh, host):
            for argv in (("true",), ("grep", "x", "/etc/passwd")):
                with pytest.raises(NotStarted) as caught:
                    await ssh.run(host, argv, mark=mark)
                assert caught.value.code == "account"
        assert [path.name for path in running.home.iterdir()] == [".bashrc"], "nothing ran there"


@pytest.mark.parametrize("refusal", ["echo denied >&2; exit 1", "echo denied; exit 1", "exit 126"])
async def test_8_20_a_list_of_one_s_own_may_refuse_the_look_and_let_commands_through(
    tmp_path: Path, refusal: str
) -> None:
    shell = tmp_path / "shell"
    shell.write_text(f'#!/bin/sh\ncase "$2" in *zhiban:*) {refusal};; esac\nexec sh "$@"\n')
    shell.chmod(0o755)
    with server(tmp_path, shell=str(shell)) as running:
        async with reached(running, tmp_path) as (ssh, host):
            assert (await ssh.run(host, ("echo", "in"))).stdout == b"in\n"
