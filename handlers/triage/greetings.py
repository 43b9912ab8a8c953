"""Hellos, in every language at once: people mix them ("hello 老师", "hi，在吗")."""

import re

LONGEST = 30
"""Characters; a longer line says more than hello."""
DESK = re.compile(
    r"bot|值班|在吗|在么|在不|有人|老师|师傅|工程师|客服|help ?desk|support|anyone|anybody|somebody|someone|you there|on duty|"
    r"on call"
)
"""Calls somebody of the desk."""
_HELLO = (
    r"(?:@?(?:bot|值班)(?:员|同事|老师|师傅|工程师)?|(?:请问)?(?:有人|都|你|您)?在(?:吗|么|嘛|不在?|线吗)?|有人(?:在|值班){0,2}(?:吗|么|嘛|没)?|"
    r"(?:你|您|大家)们?好(?:呀|啊|吗)?|"
    r"(?:早上|上午|中午|下午|晚上)?好|早上?|哈[喽啰]|嗨|喂|请问|老师|师傅|工程师|客服|同事|打扰了?|"
    r"(?:hi|hello|hey|heya|hiya|howdy|greetings|help|(?:good )?(?:morning|afternoon|evening)|knock knock|"
    r"(?:are )?you there|"
    r"(?:is )?(?:there )?(?:any ?(?:one|body)|some ?(?:one|body))(?: (?:out there|there|here|around|in|"
    r"home))?)\b)"
)
_REST = (
    r"(?:[呀啊哦呢 ,.!?;:~…]|(?:there|team|all|everyone|everybody|guys|folks|colleagues|support|help ?desk|sir|"
    r"madam)\b)"
)
GREETING = re.compile(rf"[ ,.!~]{{0,3}}{_HELLO}(?:{_HELLO}|{_REST}){{0,20}}|\?{{1,3}}")


def is_greeting(said: str) -> bool:
    """Whether a cleaned line says hello and no more."""
    return len(said) <= LONGEST and GREETING.fullmatch(said) is not None


def calls_desk(said: str) -> bool:
    """Whether a cleaned greeting calls somebody of the desk, and not just whoever is there."""
    return DESK.search(said) is not None
