"""What an engineer asks his colleagues in a reporters' group answers no reporter; what he asks the reporter does."""

import re

import pytest

from bot.work.understanding import Act, Speaker
from handlers.triage.understand import understand

COLLEAGUES = """\
在跟吗老温;谁懂签章;谁对接的签章厂家;OA谁维护;今天谁当班，看下短信;有没有会弄签章的;联系不上段工;段工电话多少;打段工电话没人接
麻烦厂家尽快;厂家什么时候能好;厂家怎么说;段工人呢
谁在跟这个？;短信这块谁负责来着;老温看到了吗，教育局的;段工在吗，帮忙看看签章;谁来看一下;谁去看看;有人在跟吗;有人处理了吗
谁有空看一下？;谁能看看签章;谁管短信;哪位在处理？;哪位同事负责签章;有没有人在跟进;老温看到没;温若川看到了吗;周工处理了吗
老温处理得怎么样了;@温若川 看到了吗;@温若川 帮忙看看;段工，帮忙看看签章;段工，看一下签章;麻烦周工处理一下;请周工看一下
老师，帮忙看看;老温看一下;让老温看看;周工你那边能处理吗;不知道谁在跟;厂家联系了吗;有没有联系厂家;谁联系一下厂家
who is on this?;who's on it;who is looking at it;who can take it?;who is responsible for sms;is anyone on this?
has anyone looked at this?;has Tang seen it?;did Tang see it?;is Duan on it?;is Tang looking at it?;Tang, are you on this?
@Duan can you have a look?;@Duan could you look into it please;can someone take a look?;@Tang please have a look
@Tang have you seen it?;can Tang look at it?;did anyone call the vendor?;has the vendor been told?"""
REPORTER = """\
周老师，您看一下;收到厂家回复了;厂家回了，说在查;已催厂家;我催一下厂家;正在催厂家
是什么浏览器？;几点开始的？;截图发一下;哪个同事？;您看到了吗;看到提示了吗;在吗，您电脑开着吗;您是谁;谁的账号？
麻烦您看一下浏览器版本;老师，您截图看看;李老师看一下;李老师，您刷新看看;帮忙截个图;我看看;已转给段工处理;段工在看了;段工正在处理
我让段工看一下;老温已经在处理了;厂家看到了，在处理;有人在处理了;验证码收到了吗;谢谢，已处理;谁负责？我先看看
谁在跟这个？没人的话我来;收到，谁负责短信？;老温看到了吗，我先处理;段工在吗，帮忙看看签章，教育局的用户稍等;which browser?
can you try again?;can you check whether it works now?;did you see the error?;are you on the vpn?;someone is looking at it
Tang is on it;I asked Duan to have a look;let me have a look;please have a look at the attached guide
could you look at the status bar?;who is on this? I'll have a look;has Tang seen it? I'm looking meanwhile
on it, who has sms?"""


def lines(block: str) -> list[str]:
    return re.split(r"[;\n]", block)


@pytest.mark.parametrize("text", lines(COLLEAGUES))
def test_8_6_what_is_asked_of_colleagues_answers_no_reporter(text: str) -> None:
    line = understand(text, Speaker.ENGINEER)
    assert not line.does(Act.ANSWER)
    assert not line.does(Act.PROBE)


@pytest.mark.parametrize("text", lines(REPORTER))
def test_8_6_what_is_asked_of_the_reporter_or_said_besides_answers_him(text: str) -> None:
    assert understand(text, Speaker.ENGINEER).does(Act.ANSWER)


def test_8_6_whether_it_works_again_is_still_asked() -> None:
    assert understand("现在能打开了吗", Speaker.ENGINEER).does(Act.PROBE)
