"""An SSH client of the fleet that checks host keys, as the runner does."""

from dataclasses import dataclass

import asyncssh

from bot.demo.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended."""

    status: int | None
    out: str
    err: str


def options(fleet: Fleet) -> asyncssh.SSHClientConnectionOptions:
    """The fleet's own key, and nothing of the machine the tests run on."""
    return asyncssh.SSHClientConnectionOptions(
        username="ops", client_keys=[str(fleet.key_file)], known_hosts=str(fleet.known_hosts), config=None
    )


async def ask(fleet: Fleet, host: str, line: str, stdin: bytes = b"") -> Answer:
    """Run one command line on one machine."""
    async with asyncssh.connect(*fleet.hosts[host], options=options(fleet)) as connection:
        done = await connection.run(line, input=stdin, encoding=None, timeout=20)
    assert isinstance(done.stdout, bytes)
    assert isinstance(done.stderr, bytes)
    return Answer(done.exit_status, done.stdout.decode(), done.stderr.decode())
