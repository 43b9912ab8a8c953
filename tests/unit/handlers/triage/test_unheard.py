"""Reports in words that nobody had written down yet are heard, each with its kin; talk in like words opens nothing."""

import re

import pytest

from bot.work.understanding import Act, Kind, RouteName
from handlers.triage.understand import understand

REPORTS = """\
系统登录界面出不来，白花花一片;登录界面出不来;屏幕一片白;系统打开是白板;我的账号被锁了;账号锁了;我账号锁定了;我的号被封了
VPN拨上去就掉;VPN一连就掉;连上就断;登进去就掉;一登录就退出;刚连上就掉了;用户名密码都对就是不让进;不让我进
我同事那边系统卡爆了;卡成狗;手机端一直要我重新登录;老要重新登录;每次都要我重新登录;附件下载到一半就断;上传到99%就不动了
点发送没用;点保存没用;点什么都没用;咱们系统又抽风了;系统罢工了;签章不好使了;系统不好用了;VPN不好使;短信不灵
输完密码又回到登录页;点登录又跳回来了;错误提示又来了;attachments vanish after saving;the text gets lost when I save
the form loses my input;it logs me straight out again;account locked;asks me to log in every time;clicking send does nothing
pressing save has no effect;download dies at 50%;the portal went crazy again;the login screen is all white
the seal is no good;vpn is useless today"""
LEAKS = """\
OA里看见别人的文件了;能看到别人的待办;我能看到其他科室的文件;点进去是别人的信息;看得到别的单位的公文;别人能看到我的文件
可以看到不属于我的文件;I see someone else's files;I can see other people's documents;other people can see my files"""
ILL = """\
盖章不行;OA也不行;@值班 我这边盖章也不行;VPN 不行;网络不行;手机端不行了;我们局OA也不行了"""
TALK = """\
他又抽风了;这个方案不行;明天不行;周五不行，改周四;公文格式不行;开会不让用手机;我出不来;今天出不来，在隔离;脑子不好使了
打印机不好使;银行卡爆了;他提交没用的材料;一半的人去开会了;他进来就走了;想看到其他人的待办;这个系统很好用;领导来了;我回来了
my boss went crazy;I lost everything in poker;no good news today"""
ASKED = """\
怎么看到别人的日程？;能看到别人的已办吗;账号锁了怎么解锁;为什么每次都要我重新登录;系统行不行
how can I see other people's calendars?"""


def lines(block: str) -> list[str]:
    return re.split(r"[;\n]", block)


@pytest.mark.parametrize("text", lines(REPORTS) + lines(ILL))
def test_8_12_a_report_is_heard(text: str) -> None:
    assert understand(text).kind is Kind.FAULT


@pytest.mark.parametrize("text", lines(LEAKS))
def test_8_12_who_sees_what_is_not_his_reports_an_urgent_leak(text: str) -> None:
    line = understand(text)
    assert (line.kind, line.route) == (Kind.FAULT, RouteName.URGENT)


@pytest.mark.parametrize("text", lines(TALK))
def test_8_12_talk_in_like_words_opens_nothing(text: str) -> None:
    line = understand(text)
    assert line.kind is Kind.OTHER
    assert not line.does(Act.END)


@pytest.mark.parametrize("text", lines(ASKED))
def test_8_12_what_is_only_asked_is_a_question(text: str) -> None:
    assert understand(text).kind is Kind.QUESTION
