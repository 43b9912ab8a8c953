"""The stand-ins of the platforms that run inside the test process, each with the platform that it stands for."""

from collections.abc import Callable

from tests.support.platforms.base import FakePlatform
from tests.support.platforms.dingtalk import FakeDingtalk
from tests.support.platforms.feishu import FakeFeishu
from tests.support.platforms.mattermost import FakeMattermost
from tests.support.platforms.slack import FakeSlack
from tests.support.platforms.wecom import FakeWecom
from tests.support.platforms.wecom_socket import FakeWecomSocket

STAND_INS: dict[str, tuple[str, Callable[[], FakePlatform]]] = {
    "slack": ("slack", FakeSlack),
    "slack-socket": ("slack", lambda: FakeSlack("mentions", socket=True)),
    "wecom": ("wecom", FakeWecom),
    "wecom-socket": ("wecom", FakeWecomSocket),
    "feishu": ("feishu", FakeFeishu),
    "dingtalk": ("dingtalk", FakeDingtalk),
    "mattermost": ("mattermost", FakeMattermost),
}
