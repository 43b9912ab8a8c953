"""Talk of people, of the news and of what might be is no report; calls for somebody are chases while something is open."""

import re
from dataclasses import dataclass

import pytest

from bot.work.understanding import Act, Certainty, Kind, Surroundings
from handlers.triage.understand import understand


@dataclass(frozen=True)
class Open:
    """A fault that is open in the chat."""

    number: str = "GD-1"
    system: str | None = "oa"


TALK = """\
他没反应，打了三个电话都没接;她没反应;老王一直没反应;给他打电话没反应;敲门没反应;网上说WPS崩溃了;朋友圈说WPS崩了
看新闻说阿里云宕机了;如果打不开请联系我;若无法登录请联系管理员;如打不开请联系我;倘若打不开请联系我;打不开的同事请联系我
打不开的联系我;有打不开的请找我;谁打不开找我;打不开就刷新一下;遇到打不开可以重启;出现报错请截图发我;如有异常请反馈
he is not responding, I called three times;she doesn't respond;the news says WPS crashed
they say on twitter that aws is down;if it doesn't open, call me;if you can't log in please contact me
in case it fails, ping me;if the portal is down please contact support"""
REPORTS = """\
系统没反应;点了没反应;他电脑没反应;小程序没反应;老是没反应;打开电话会议没反应;同事说OA打不开;听说OA崩了;网上申报说失败了
OA打不开，请联系我;打不开的同事联系我了;出现报错请帮忙看看;有人打不开找谁处理;有个文件打不开，联系谁;打不开的文件请帮忙看看
打不开就重启了，还是不行;it is not responding;she says the portal is down;if I open the document it crashes
OA is down, if it doesn't come back call me"""
CHASES = """\
有人处理了吗;有没有人处理啊;有人在处理吗;有人跟进吗;我们急得不行;急得不行;急得要命;领导很急;十万火急;打印机的事解决没
我的问题解决没;解决没;修好没;我问的撤回的事呢;我报的那个呢;上午报的问题呢;那个问题呢;转人工;人工客服;我要人工;能转人工吗
等了一个小时了;都一上午了;什么时候来人;派人了吗;没人吗"""
NO_CHASES = """\
不着急;不急;流程转人工审核;谁知道怎么撤回呢;麻烦帮我重置密码"""


def lines(block: str) -> list[str]:
    return re.split(r"[;\n]", block)


@pytest.mark.parametrize("text", lines(TALK))
def test_8_12_talk_of_people_the_news_and_what_might_be_opens_nothing(text: str) -> None:
    assert understand(text).kind is Kind.OTHER


@pytest.mark.parametrize("text", lines(REPORTS))
def test_8_12_a_report_in_like_words_is_still_one(text: str) -> None:
    assert understand(text).kind is Kind.FAULT


@pytest.mark.parametrize("text", lines(CHASES))
def test_8_16_who_calls_for_somebody_asks_after_what_is_open(text: str) -> None:
    assert understand(text, around=Surroundings((Open(),))).act is Act.CHASE


@pytest.mark.parametrize("text", lines(NO_CHASES))
def test_8_16_other_lines_chase_nothing(text: str) -> None:
    assert not understand(text, around=Surroundings((Open(),))).does(Act.CHASE)


@pytest.mark.parametrize("text", ["人工客服", "我问的撤回的事呢", "我们急得不行"])
def test_8_16_where_nothing_is_open_somebody_is_asked_about_such_a_call(text: str) -> None:
    assert understand(text).certainty is Certainty.DOUBTFUL
