"""`zhiban triage` judges every line, and names the bad ones."""

import argparse
import json
from pathlib import Path

import pytest

from bot.cli import triage
from bot.cli.arguments import ADD


def run(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    ADD["triage"](parser)
    return triage.main(parser.parse_args(argv))


def test_one_line_out_for_each_line_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text(
        '{"text": "VPN连不上"}\n\n{"text": "好的", "role": "engineer", "chat": "shifuban"}\n', encoding="utf-8"
    )
    assert run(str(file)) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert list(first) == ["kind", "route", "system", "severity", "confidence", "reason"]
    assert (first["kind"], first["route"], first["system"], first["severity"]) == ("fault", "third_party", "vpn", 2)
    assert (second["kind"], second["route"]) == ("other", None)


def test_a_bad_line_is_named_and_the_others_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "in.jsonl"
    good = b'{"text": "OA\xe6\x89\x93\xe4\xb8\x8d\xe5\xbc\x80"}\n'
    file.write_bytes(
        good + b'{oops\n{"text": 7}\n\xff\xfe\n{"text": "x", "role": "king"}\n' + b"[" * 100_000 + b"\n" + good
    )
    assert run(str(file)) == 2
    seen = capsys.readouterr()
    assert [json.loads(line)["kind"] for line in seen.out.splitlines()] == ["fault", "fault"]
    assert [line.partition(":")[0] for line in seen.err.splitlines()] == [f"line {n}" for n in (2, 3, 4, 5, 6)]


def test_a_missing_file_is_one_plain_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "none.jsonl")) == 2
    assert capsys.readouterr().err.count("\n") == 1
