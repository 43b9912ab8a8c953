"""What a line does to an open ticket: join, chase, end, withdraw, answer."""

import pytest

from handlers.triage import dialogue
from handlers.triage.signs import cleaned

ME_TOO = [
    "我也打不开",
    "+1",
    "我这边也是",
    "同问",
    "我也一样",
    "我们科室也是",
    "卫健局也打不开",
    "同样的问题",
    "我们这边OA也打不开了",
]
NOT_ME_TOO = [
    "我也不知道",
    "我也要去开会",
    "打不开",
    "好了",
    "你也打不开吗？",
    "我也好了",
    "也可以用手机登录",
    "收到",
    "",
]
RESOLVED = [
    "好了",
    "可以了 谢谢",
    "可以了，谢谢您",
    "已恢复，请各位刷新页面重试",
    "能登录了",
    "修好了",
    "验证码刚刚来了",
    "应该好了",
    "那个报错没有了",
]
NOT_RESOLVED = [
    "好了吗",
    "还没好",
    "好的",
    "谢谢，但今天又报错了",
    "收到",
    "还是不行",
    "可以吗",
    "什么时候能恢复",
    "好了一会儿又不行了",
    "",
]
WITHDRAWN = ["不用看了", "没事了，是我自己密码输错了", "先不用处理", "误报", "是我看错了", "不用了我自己重启好了"]
NOT_WITHDRAWN = ["不用密码也能登吗", "打不开", "好了", "麻烦看看", "填错了，麻烦退回给我", ""]
CHASERS = ["怎么样了", "麻烦尽快", "好了吗", "还要多久？", "有人吗", "还没好吗", "催一下", "什么时候能好"]
NOT_CHASERS = ["打不开，请尽快", "好了", "收到", "还是盖不了章", "明天几点升级？", ""]
RESPONSES = [
    "收到",
    "收到，马上看",
    "在处理",
    "好的",
    "您好，请问您的账号是什么？",
    "请问是什么浏览器？提示什么错误？",
    "已联系厂家处理",
    "麻烦提供一下截图",
    "您清一下缓存再试试",
    "已经重置了，初始密码请查收短信",
    "您可以在“已办”里面点撤回",
    "好的，马上过去，辛苦了",
    "收到，早上好",
    "VPN要用新版客户端",
]
NOT_RESPONSES = [
    "中午吃什么",
    "您吃了吗",
    "早上好",
    "今日08:30-18:00驻场值班工程师：温若川 联系电话：13800000013",
    "各位领导，同事：早上好！今日08:30-18:00驻场值班工程师：温若川",
    "【停机公告】因服务器维护，本周五18:30起暂停服务，预计2小时",
    "本群仅用于报障，请勿闲聊",
    "哈哈哈",
    "明天放假吗？",
    "客户打电话说VPN登录不了，在群里登记一下",
    "[图片]",
    "👍",
    "/status",
    "",
]


@pytest.mark.parametrize("text", ME_TOO)
def test_me_too(text: str) -> None:
    assert dialogue.is_me_too(cleaned(text))


@pytest.mark.parametrize("text", NOT_ME_TOO)
def test_not_me_too(text: str) -> None:
    assert not dialogue.is_me_too(cleaned(text))


@pytest.mark.parametrize("text", RESOLVED)
def test_resolved(text: str) -> None:
    assert dialogue.is_resolved(cleaned(text))


@pytest.mark.parametrize("text", NOT_RESOLVED)
def test_not_resolved(text: str) -> None:
    assert not dialogue.is_resolved(cleaned(text))


@pytest.mark.parametrize("text", WITHDRAWN)
def test_withdrawn(text: str) -> None:
    assert dialogue.is_withdrawn(cleaned(text))


@pytest.mark.parametrize("text", NOT_WITHDRAWN)
def test_not_withdrawn(text: str) -> None:
    assert not dialogue.is_withdrawn(cleaned(text))


@pytest.mark.parametrize("text", CHASERS)
def test_chaser(text: str) -> None:
    assert dialogue.chasing(cleaned(text))


@pytest.mark.parametrize("text", NOT_CHASERS)
def test_not_chaser(text: str) -> None:
    assert not dialogue.chasing(cleaned(text))


@pytest.mark.parametrize("text", RESPONSES)
def test_response(text: str) -> None:
    assert dialogue.is_response(cleaned(text))


@pytest.mark.parametrize("text", NOT_RESPONSES)
def test_not_response(text: str) -> None:
    assert not dialogue.is_response(cleaned(text))
