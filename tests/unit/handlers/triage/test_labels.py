"""Triage agrees with the labelled messages, and with the label rules' own examples."""

import hashlib
import json
from typing import Any

import pytest

from bot.work.understanding import Kind, RouteName
from handlers.triage.labels import Reading, System
from handlers.triage.rules import read
from tests.support.paths import INPUTS

DATA = INPUTS / "triage"
Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def half(row: Row) -> int:
    return hashlib.sha256(row["text"].encode()).digest()[0] & 1


def judge(row: Row) -> Reading:
    return read(row["text"], row.get("role", "user"))


@pytest.mark.parametrize("which", [0, 1])
def test_each_half_of_the_labelled_messages(which: int) -> None:
    chosen = [(row, judge(row)) for row in rows("dev.jsonl") if half(row) == which]
    kind = sum(seen.kind == row["kind"] for row, seen in chosen)
    joint = sum((seen.kind, seen.route) == (row["kind"], row["route"]) for row, seen in chosen)
    system = sum(seen.system == row["system"] for row, seen in chosen)
    severity = sum(seen.severity == row["severity"] for row, seen in chosen)
    assert len(chosen) > 150
    assert kind / len(chosen) >= 0.97
    assert joint / len(chosen) >= 0.95
    assert system / len(chosen) >= 0.95
    assert severity / len(chosen) >= 0.95


def test_nothing_urgent_is_missed_and_small_talk_opens_nothing() -> None:
    judged = [(row, judge(row)) for row in rows("dev.jsonl")]
    urgent = [seen.route for row, seen in judged if row["route"] == "urgent"]
    talk = [seen.kind for row, seen in judged if row["kind"] == "other"]
    assert urgent.count(RouteName.URGENT) / len(urgent) >= 0.97
    assert talk.count(Kind.FAULT) / len(talk) <= 0.02


def test_invented_messages_that_the_word_lists_were_checked_on() -> None:
    judged = [(row, judge(row)) for row in rows("spoken.jsonl")]
    wrong = [row["text"] for row, seen in judged if (seen.kind, seen.route) != (row["kind"], row["route"])]
    assert len(wrong) <= 0.04 * len(judged), wrong


# The examples that the label rules themselves give, by number of the tie-break.
RULES = [
    ("现在可以了", Kind.OTHER, None),  # 1
    ("上次打不开的问题已经好了谢谢", Kind.OTHER, None),
    ("谢谢，但今天又报错了", Kind.FAULT, RouteName.INTERNAL),
    ("是不是只有我打不开待办？", Kind.FAULT, RouteName.INTERNAL),  # 3
    ("为什么点了没反应", Kind.FAULT, RouteName.INTERNAL),
    ("如果打不开找谁", Kind.QUESTION, RouteName.FAQ),
    ("明天系统升级会停服务吗？", Kind.QUESTION, RouteName.FAQ),
    ("账号锁了，麻烦解锁", Kind.REQUEST, RouteName.FAQ),  # 4
    ("登录提示账号被锁定", Kind.FAULT, RouteName.INTERNAL),
    ("急！帮我改个密码", Kind.REQUEST, RouteName.FAQ),  # 5
    ("急！！！领导的文打不开", Kind.FAULT, RouteName.INTERNAL),
    ("整个局都登录不上了", Kind.FAULT, RouteName.URGENT),
    ("我们科室三个人都打不开待办", Kind.FAULT, RouteName.INTERNAL),
    ("所有单位都收不到短信", Kind.FAULT, RouteName.URGENT),  # 6
    ("不是网络问题，就是OA打不开", Kind.FAULT, RouteName.INTERNAL),  # 8
    ("好了吗", Kind.OTHER, None),  # 9
    ("还是盖不了章", Kind.FAULT, RouteName.THIRD_PARTY),
    ("Ukey续费多少钱？", Kind.QUESTION, RouteName.THIRD_PARTY),  # 10
    ("打印机又卡纸了", Kind.OTHER, None),  # 13
]


@pytest.mark.parametrize(("text", "kind", "route"), RULES)
def test_examples_of_the_label_rules(text: str, kind: Kind, route: RouteName | None) -> None:
    seen = read(text)
    assert (seen.kind, seen.route) == (kind, route), seen.reason


def test_staff_answer_but_relay_reports() -> None:
    assert read("短信网关故障，收不到验证码", "engineer").kind is Kind.OTHER
    assert read("民政局来电说收不到验证码", "engineer").system is System.SMS


def test_of_two_faults_the_wider_counts() -> None:
    seen = read("我的附件下载很慢，另外我们局全部人都收不到短信")
    assert (seen.system, seen.route) == (System.SMS, RouteName.URGENT)


def test_a_fault_without_a_name_is_about_the_only_open_system() -> None:
    alone = read("还是打不开")
    joined = read("还是打不开", open_systems=frozenset({"vpn"}))
    assert (alone.system, alone.named) == (System.OA, False)
    assert (joined.system, joined.named, joined.route) == (System.VPN, False, RouteName.THIRD_PARTY)


def test_asking_after_a_known_outage_opens_nothing() -> None:
    asked = "请问短信几点能用？"
    assert read(asked).kind is Kind.QUESTION
    assert read(asked, open_systems=frozenset({"sms"})).kind is Kind.OTHER


def test_the_reason_names_the_deciding_words() -> None:
    reason = read("我们局全部人都收不到短信").reason
    assert "收不到" in reason
    assert "短信" in reason
    assert "全部人" in reason
