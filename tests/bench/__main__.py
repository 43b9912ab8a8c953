"""``make bench``: prints the table; every figure of ours stands beside baselines measured in the same run."""

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.bench.baselines import SECRET
from tests.bench.ladder import ladder
from tests.bench.measure import Row, Served, acknowledged, echo, intake, process, slack_event
from tests.bench.runs import runs
from tests.bench.wire import request
from tests.support.paths import EXAMPLE
from tests.support.ports import free_port

COUNT = 3000
CHATS = [f"bench{n}" for n in range(4000)]


def site_folder(folder: Path, platform: str) -> Path:
    """The example organisation on ``platform``, with 4,000 more groups: every report opens a ticket of its own."""
    target = folder / f"data-{platform}"
    shutil.copytree(EXAMPLE, target)
    path = target / "chats.yaml"
    text = re.sub(r"^(  [\w-]+: \{)", rf"\1platform: {platform}, ", path.read_text("utf-8"), flags=re.MULTILINE)
    for n, chat in enumerate(CHATS):
        text += (
            f"  {chat}: {{platform: {platform}, chat_id: {channel(n)}, name: 压测{n}群, region: shifu, post: shifu, "
            f"importance: {200 + n}}}\n"
        )
    path.write_text(text, "utf-8")
    return target


def channel(number: int) -> str:
    """The platform's id of a group."""
    return f"C{number % len(CHATS)}"


def recorder_event(port: int, number: int, text: str) -> bytes:
    chat = CHATS[number % len(CHATS)]
    body = json.dumps({"key": f"k{number}-{text[:2]}", "user": f"U{number}", "chat": chat, "text": text})
    return request(f"http://127.0.0.1:{port}/recorder/events", body.encode())


def report(number: int) -> str:
    """A fault in plain words that names no system, so that each is a trouble of its own.

    The number comes back with the receipt, by the name of its group.
    """
    return f"页面打不开，提示系统错误 bench-{number}"


def outage(number: int) -> str:
    """The same of a system that everybody calls by its name: all groups are one incident."""
    return f"公文打不开，提示系统错误 bench-{number}"


def main() -> None:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folders = {platform: site_folder(folder, platform) for platform in ("recorder", "slack")}
        sink = stack.enter_context(process(["-m", "tests.bench.sink", str(port := free_port())], port)).port

        def baseline(kind: str, measure: Callable[[Served], Row], label: str = "") -> None:
            where = free_port()
            argv = ["-m", "tests.bench.baselines", kind, str(where), str(sink), name]
            with process(argv, where) as served:
                rows.append(replace(measure(served), name=label or kind))
                show(rows[-1], rows)

        def ours(label: str, measure: Callable[[Served], Row], platform: str = "recorder") -> None:
            where = free_port()
            environ = {
                "ZHIBAN_DATA_DIR": str(folders[platform]),
                "ZHIBAN_STATE_DIR": str(folder / label),
                "ZHIBAN_ADAPTERS": platform,
                "ZHIBAN_SERVER__PORT": str(where),
                "ZHIBAN_RECORDER__URL": f"http://127.0.0.1:{sink}",
                "ZHIBAN_SLACK__API_BASE_URL": f"http://127.0.0.1:{sink}/api/",
                "ZHIBAN_SLACK__BOT_TOKEN": "xoxb-bench",
                "ZHIBAN_SLACK__SIGNING_SECRET": SECRET,
            }
            with process(["-m", "bot", "run"], where, **environ) as served:
                rows.append(replace(measure(served), name=label))
                show(rows[-1], rows)

        print(f"{'':28}{'per second':>12}{'p99 ms':>10}{'CPU ms':>9}   ratios (per second, CPU)")
        plain = lambda s: intake(s, lambda n: request(f"http://127.0.0.1:{s.port}/in", b'{"text": "bench"}'), COUNT)  # noqa: E731
        baseline("bare", plain)
        baseline("commit", plain)
        ours("intake", lambda s: intake(s, lambda n: recorder_event(s.port, n, "谢谢"), COUNT))
        baseline("bolt", lambda s: echo(s, lambda n: slack_event(s.port, n), COUNT, sink))
        ours("echo", lambda s: echo(s, lambda n: recorder_event(s.port, n, f"/ping bench-{n}"), COUNT, sink))
        ours("report", lambda s: echo(s, lambda n: recorder_event(s.port, n, report(n)), COUNT, sink))
        ours("report: one incident", lambda s: echo(s, lambda n: recorder_event(s.port, n, outage(n)), COUNT, sink))
        signed = lambda s: acknowledged(s, lambda n: slack_event(s.port, n, channel(n), "谢谢"))  # noqa: E731
        baseline("bolt", signed, "bolt: 200")
        ours("slack: committed, 200", signed, "slack")
        print(f"p99 of Slack's 200 with the commit: {rows[-1].p99_ms / rows[-2].p99_ms:.1f} times plain bolt's")
        print(ladder(folder, folders["recorder"], CHATS, free_port(), sink))
        for line in asyncio.run(runs(folder / "runs")):
            print(line)


def show(row: Row, rows: list[Row]) -> None:
    others = [r for r in rows if r.name in {"bare", "commit", "bolt"} and r is not row]
    ratios = ", ".join(f"{row.per_second / r.per_second:.2f}/{r.cpu_ms / row.cpu_ms:.2f} of {r.name}" for r in others)
    print(f"{row.name:28}{row.per_second:12.0f}{row.p99_ms:10.1f}{row.cpu_ms:9.2f}   {ratios}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
