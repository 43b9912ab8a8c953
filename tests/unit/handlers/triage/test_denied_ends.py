"""An end that is denied, wished for, or taken back in the same breath is none."""

import re

import pytest

from bot.work.understanding import Act, Speaker
from handlers.triage.understand import understand

NO_ENDS = """\
好不容易进去了又掉出来了;刚进去了就掉了;进去了又退出来了;登进去了又被踢出来了;能打开了但没有内容;进去了，就是慢;不太好了
没有完全好了;不能说好了;不算好了;还不能算解决了;哪里好了;谁说好了;以为好了;希望能好了;能好了就谢天谢地;说好了，其实没好
说修好了但是没有;I thought it was fixed;you said it was fixed;supposedly fixed;it is far from working again
it was working fine this morning;it worked fine yesterday;it worked but now it doesn't;it works now but it does not"""
ENDS = """\
怎么就好了;不知道为什么好了;以为没好，其实好了;还有问题吗？没有，好了;本以为不行，现在好了;希望别再坏了，现在好了;哪里都好了
没有问题好了;没报错了;没有再卡了;真的好了;我就退出了重新登录，好了;it didn't work at first but now it works
it was fixed this morning
it was fixed this morning"""


def lines(block: str) -> list[str]:
    return re.split(r"[;\n]", block)


@pytest.mark.parametrize("text", lines(NO_ENDS))
def test_8_7_an_end_denied_wished_for_or_taken_back_is_none(text: str) -> None:
    assert not understand(text).does(Act.END)
    assert not understand(text, Speaker.ENGINEER).does(Act.END)


@pytest.mark.parametrize("text", lines(ENDS))
def test_8_7_an_end_in_like_words_is_still_one(text: str) -> None:
    assert understand(text).does(Act.END)
