"""What cannot be done is no end, although the words of one stand in it ("登不进去了", "无法打开了", "can no longer get in")."""

import re

import pytest

from bot.work.understanding import Act, Kind, Speaker
from handlers.triage.understand import understand

CANNOT = """\
HIS登不进去了;登录不进去了;OA登不进去了;大家都登不进去了;登陆不进去了;连不进去了;怎么也登不进去了
刚才进去了，现在又登不进去了;系统进不来了;网页打不开来了;数据恢复不出来了;数据恢复不回来了;文件显示不出来了;登录页刷不出来了
VPN连不上来了;一直好不起来了;没法登进去了;不能登进去了;没办法进去了;没有办法登上了;无法打开了;系统没办法打开了
系统不让进去了;不给登进去了;没能进去了;无法收到验证码了;不能收到短信了;没收到短信了;验证码不来了;没人能登录了;没人能打开了
谁都不能进去了;没有一个人能进去了;无法恢复了;没法恢复正常了;OA不可以登录了;打不太开了;不太能打开了;I can no longer get in
we can no longer log in now;I am no longer able to log in;I no longer get sms codes;it no longer shows my tasks
I no longer see my documents;OA no longer opens;it no longer works for me;the page no longer loads fine
none of us can log in now;we are unable to connect again;failed to log in again;I can hardly open it now
the system is no longer up"""
WORKS = """\
进去了;能进去了;登进去了;又能登进去了;刷新一下就进去了;出来了;打开了;验证码来了;短信收到了;不用重启就进去了;不卡了，进去了
不掉线了;刚才登不进去，现在进去了;不能登录的问题好了;无法登录的问题解决了;没办法，重启了一下就进去了
刚才没法登录现在能进去了;之前无法打开现在打开了;打不开的附件现在出来了;刚才登不上现在登上了;不能登录了现在好了
无法打开现象消失了;不能用修好了;没收到的短信收到了;no longer an issue;it is no longer slow;I no longer get the error
the error no longer shows;it no longer crashes;I can log in now"""


def lines(block: str) -> list[str]:
    return re.split(r"[;\n]", block)


@pytest.mark.parametrize("text", lines(CANNOT))
def test_8_7_what_cannot_be_done_is_a_fault_and_no_end(text: str) -> None:
    line = understand(text)
    assert line.kind is Kind.FAULT
    assert not line.does(Act.END)
    assert not understand(text, Speaker.ENGINEER).does(Act.END)
    assert not understand(text, Speaker.VENDOR).does(Act.END)


@pytest.mark.parametrize("text", lines(WORKS))
def test_8_7_what_can_be_done_again_is_still_an_end(text: str) -> None:
    line = understand(text)
    assert line.does(Act.END)
    assert line.kind is Kind.OTHER


@pytest.mark.parametrize("text", ["他不来了", "he no longer works here", "I can no longer come to the meeting"])
def test_8_7_of_people_nothing_ends(text: str) -> None:
    assert understand(text).act is Act.NOTHING
