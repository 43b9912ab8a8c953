"""``zhiban simulate`` as a script sees it; October 2026 is a table worked out by hand from the calendar and the roster."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.cli import simulate
from bot.cli.arguments import ADD
from tests.support.paths import EXAMPLE, ROOT

PHONES = {
    "周予安": "13800000012",
    "温若川": "13800000013",
    "乔望": "13800000014",
    "苏明": "13800000022",
    "唐叙": "13800000023",
    "孟书言": "13800000024",
}
NATIONAL_DAY = {1: "周予安", 2: "温若川", 3: "乔望", 4: "苏明", 5: "唐叙", 6: "孟书言", 7: "周予安"}
WEEKENDS = {11: "温若川", 17: "唐叙", 18: "乔望", 24: "孟书言", 25: "苏明", 31: "温若川"}  # the 10th is worked
EVENINGS = {  # 18:00-24:00 of the workdays; on site it is 温若川 (市府) and 唐叙 (政数局) all month
    8: "乔望",
    9: "苏明",
    10: "孟书言",  # 调休: a worked Saturday
    12: "周予安",
    13: "乔望",
    14: "苏明",
    15: "孟书言",
    16: "周予安",
    19: "苏明",
    20: "孟书言",
    21: "周予安",
    22: "乔望",
    23: "苏明",
    26: "周予安",
    27: "乔望",
    28: "孟书言",
    29: "苏明",
    30: "周予安",
}
SHIFU_GROUPS = ["shifuban", "minzheng", "fangkong", "guozi", "gongxin", "tongji"]
ZHENGSHU_GROUPS = ["zhengshuju", "weijian", "jiaoyu", "donghu", "xiling"]


def announcement(day: int, on_site: str) -> str:
    greeting = "各位领导，同事：早上好！\n\n"
    online = EVENINGS.get(day) or {**NATIONAL_DAY, **WEEKENDS}[day]
    second = f"线上值班人员：{online}/沈砚 联系电话：{PHONES[online]}/13800000001"
    if day not in EVENINGS:
        return f"{greeting}周末/节假日{second}"
    first = f"今日 08:30-18:00 驻场值班工程师：{on_site} 联系电话：{PHONES[on_site]}"
    return f"{greeting}{first}\n\n今日 18:00-24:00 {second}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "zhiban.toml"
    path.write_text(f'data_dir = "{EXAMPLE}"\nstate_dir = "{tmp_path}/state"\n')
    return path


def run(config: Path, start: str, end: str, *more: str) -> int:
    parser = argparse.ArgumentParser()
    ADD["simulate"](parser)
    return simulate.main(parser.parse_args(["--config", str(config), "--from", start, "--to", end, *more]))


def shown(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_october_2026_is_announced_as_worked_out_by_hand(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.process_time()
    assert run(config, "2026-10-01", "2026-11-01") == 0
    assert time.process_time() - started < 10
    groups = [row for row in shown(capsys) if row["chat"] in SHIFU_GROUPS + ZHENGSHU_GROUPS]
    assert [(row["at"], row["chat"], row["text"]) for row in groups] == [
        (f"2026-10-{day:02d}T08:25:00+08:00", group, announcement(day, on_site))
        for day in range(1, 32)
        for chats, on_site in ((SHIFU_GROUPS, "温若川"), (ZHENGSHU_GROUPS, "唐叙"))
        for group in chats
    ]


def test_a_dry_run_leaves_nothing_behind(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "2026-10-08", "2026-10-09") == 0
    assert capsys.readouterr().out
    assert [path.name for path in config.parent.iterdir()] == ["zhiban.toml"]


def test_the_span_is_half_open(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "2026-10-08T08:00", "2026-10-08T08:25") == 0
    assert shown(capsys) == []
    assert run(config, "2026-10-08T08:25", "2026-10-08T08:25:01+08:00") == 0
    assert len(shown(capsys)) == 13  # eleven groups, and the manual one's text and list to the engineer


def test_direct_messages_say_to_whom_and_what_can_be_tapped(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "2026-10-08", "2026-10-08T09:00") == 0
    assert [row for row in shown(capsys) if row["chat"].startswith("dm-")][-1] == {
        "at": "2026-10-08T08:25:00+08:00",
        "chat": "dm-wen",
        "to": "wen",
        "text": "10-08 值班公告请转发到机器人进不去的群，发完点一下：\n市委办微信群",
        "buttons": [{"action": "sent:2026-10-08/shiweiban", "label": "市委办微信群 已发"}],
    }


def test_a_table_has_time_chat_and_text_in_columns(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "2026-10-11", "2026-10-11T09:00", "--table") == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "10-11 08:25:00  市府办交流群        各位领导，同事：早上好！"
    assert second == " " * 36 + "周末/节假日线上值班人员：温若川/沈砚 联系电话：13800000013/13800000001"


EVENTS = [
    {"at": "2026-10-14T18:30", "chat": "duty-room", "user": "zhou", "text": "/oncall"},
    {"at": "2026-10-14T09:00:00+08:00", "chat": "shifuban", "user": "lixiao", "text": "盖章又用不了了"},
    {"at": "2026-10-14T09:03", "chat": "shifuban", "user": "zhao", "text": "我也打不开"},
    {"at": "2026-10-14T09:03", "chat": "donghu", "user": "feng", "text": "OA 登录不上，一直转圈"},
    {"at": "2026-10-14T11:00", "chat": "dm-tang", "user": "tang", "text": "/help"},
    {"at": "2026-10-14T11:01", "chat": "duty-room", "user": "tang", "text": "/nosuch"},
]


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
    return path


def test_events_are_replayed_in_order_of_time(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = write(tmp_path / "events.jsonl", *EVENTS)
    assert run(config, "2026-10-14T09:00", "2026-10-15", "--events", str(events)) == 0
    rows = shown(capsys)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    (answer,) = [row for row in rows if row.get("reply_to") == "line-1"]
    assert answer["at"] == "2026-10-14T18:30:00+08:00"
    assert "苏明 13800000022 线上，至 24:00" in answer["text"]


def test_the_output_is_the_same_byte_for_byte(config: Path, tmp_path: Path) -> None:
    events = write(tmp_path / "events.jsonl", *EVENTS)
    words = ["--config", str(config), "--from", "2026-10-14", "--to", "2026-10-16", "--events", str(events)]
    outputs = [
        subprocess.run(
            [sys.executable, "-m", "bot", "simulate", *words],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) > 26  # two mornings and the answers


def test_every_bad_line_is_named_and_nothing_is_printed(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = EVENTS[0]
    events = write(
        tmp_path / "events.jsonl",
        good,
        "{",
        '["at"]',
        {**good, "at": "14 o'clock"},
        {**good, "at": "2026-10-20T00:00"},
        {**good, "chat": "nowhere"},
        {**good, "user": "nobody"},
        {**good, "chat": "dm-wen"},
        {**good, "text": " "},
        {**good, "text": 7},
        {**good, "texts": "x"},
        "",
        good,
    )
    assert run(config, "2026-10-14", "2026-10-15", "--events", str(events)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert [line.removeprefix(f"{events}:").split(":")[0] for line in lines] == [str(n) for n in range(2, 12)]
    assert [line.split(": ", 1)[1] for line in lines] == [
        "not JSON",
        'expected an object {"at","chat","user","text"}',
        "at: 14 o'clock is no time; write 2026-10-01T08:00",
        "at: 2026-10-20T00:00 is not within --from and --to",
        "chat: nowhere is not in chats.yaml",
        "user: nobody is not in people.yaml",
        "dm-wen is somebody else's direct chat",
        "text must be a non-empty string",
        "text: must be given as a string",
        "texts: unknown; the keys are at, chat, user, text",
    ]


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("october", "2026-11-01", "--from: october is no time; write 2026-10-01 or 2026-10-01T08:00"),
        ("2026-10-01", "0001-01-01", "--to: 0001-01-01 is no time; write 2026-10-01 or 2026-10-01T08:00"),
        ("2026-10-02", "2026-10-01", "--to: 2026-10-01 is not after --from; write a later time"),
    ],
)
def test_a_bad_span_is_one_plain_line(
    config: Path, capsys: pytest.CaptureFixture[str], start: str, end: str, fault: str
) -> None:
    assert run(config, start, end) == 2
    assert capsys.readouterr().err == fault + "\n"


def test_a_missing_events_file_is_one_plain_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "2026-10-14", "2026-10-15", "--events", "/nowhere.jsonl") == 2
    assert capsys.readouterr().err == "/nowhere.jsonl: No such file or directory\n"
