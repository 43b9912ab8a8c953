"""Emoticons that WeChat, WeCom and QQ write as a slash and a word: ``/微笑``, ``/强``, ``/OK``."""

_NAMES = """
微笑 撇嘴 发呆 得意 流泪 害羞 闭嘴 大哭 尴尬 发怒 调皮 呲牙 惊讶 难过 冷汗 抓狂 偷笑 可爱 愉快 白眼 傲慢 饥饿 惊恐 流汗
憨笑 大兵 奋斗 咒骂 疑问 折磨 骷髅 敲打 再见 擦汗 抠鼻 鼓掌 坏笑 左哼哼 右哼哼 哈欠 鄙视 委屈 快哭了 阴险 亲亲 可怜 菜刀
西瓜 啤酒 篮球 乒乓 咖啡 玫瑰 凋谢 示爱 爱心 心碎 蛋糕 闪电 炸弹 足球 瓢虫 便便 月亮 太阳 礼物 拥抱 握手 胜利 抱拳 勾引
拳头 差劲 爱你 跳跳 发抖 怄火 转圈 磕头 回头 跳绳 挥手 激动 街舞 献吻 左太极 右太极 嘿哈 捂脸 奸笑 机智 皱眉 红包 发财
福利 笑脸 生病 破涕为笑 吐舌 脸红 恐惧 失望 无语 社会社会 旺柴 好的 打脸 加油 天啊 裂开 苦涩 叹气 让我看看
"""
_SHORT = "色 酷 囧 吐 困 嘘 晕 衰 饭 猪 刀 强 弱 胜 爱 汗 哭 笑 怒 赞 耶 ok no nb 666"
_WORDS = frozenset(_NAMES.split())
_ALONE = frozenset(_SHORT.split())
"""Too short to be the beginning of anything: the whole word or none."""


def is_emoticon(word: str) -> bool:
    """Whether the word behind a slash is one, or begins with one that cannot be anything else (``/微笑收到``)."""
    return word in _ALONE or any(word.startswith(name) for name in _WORDS)
