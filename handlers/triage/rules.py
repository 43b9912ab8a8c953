"""What one Chinese message is: the tie-breaks of the label rules, in their order."""

from bot.work.understanding import Kind, RouteName, Scope
from handlers.triage import corrections, relaying, topics, words
from handlers.triage.dialogue import CHASER, chasing
from handlers.triage.labels import ENGINEER, STAFF, THIRD_PARTY, Reading, System
from handlers.triage.signs import Line, cleaned


def read(text: str, role: str = "user", open_systems: frozenset[str] = frozenset()) -> Reading:
    """Judge one Chinese message as people typed it; the rules stand at :func:`judge`."""
    return judge(cleaned(text), role, open_systems)


def judge(line: Line, role: str, open_systems: frozenset[str]) -> Reading:
    """Judge one message on its own words and its sender's role; never raises, whatever the text.

    ``open_systems``: systems with an open ticket in this chat. A fault that names none is about the only one open,
    and asking after one of them is a chaser, not a question (policy: known outage).
    """
    said = line.text
    noise = _noise(line, role, open_systems)
    if noise:
        return _other(*noise)
    signs = line.signs
    if signs.failing:
        return _fault(line, signs.failing, open_systems)
    if signs.ended:
        return _other(0.9, f"“{signs.ended}”表示已经好了或不用处理")
    if signs.operation:
        return _request(said, signs.operation)
    chaser = chasing(line)
    if chaser:
        meant = open_systems or CHASER.search(said)
        return _other(0.85 if meant else 0.6, f"“{chaser}”是催问，没有新的现象")
    if signs.question:
        return _question(said, signs.question, open_systems)
    return _other(0.6, "没有故障现象，也没有提问或请求")


def _noise(line: Line, role: str, open_systems: frozenset[str]) -> tuple[float, str] | None:
    """What is no report whatever words it holds: commands, notices, staff's own words, other people's things."""
    said = line.text
    if not said:
        return 0.95, "没有文字"
    if line.is_command:
        return 0.95, "是命令"
    notice = words.NOTICE.search(said)
    if notice:
        return 0.9, f"“{notice[0]}”是通知或会务"
    if (
        role in STAFF
        and not words.RELAYED.search(said)
        and not (role == ENGINEER and relaying.reports(line, open_systems))
    ):
        return 0.9, "是工程师或厂商的答复"
    outside = words.OUT_OF_SCOPE.search(said)
    if outside and not topics.BUSINESS.search(said) and topics.subject(said.replace(outside[0], "")) is None:
        return 0.85, f"“{outside[0]}”不在服务范围"
    return None


def _fault(line: Line, symptom: str, open_systems: frozenset[str]) -> Reading:
    said = line.text
    part = _part(said)
    correction = corrections.corrected(line)
    found = correction.named if correction else topics.subject(part, failing=True)
    system = found[0] if found else _only(open_systems) or System.OA
    because = f"“{symptom}”是故障现象" + (f"，“{found[1]}”指明系统" if found else "，没有指明系统")
    wide = topics.SECURITY.search(said) or words.LEAK.search(said) or topics.WIDE.search(said)
    if wide:
        return Reading(
            Kind.FAULT,
            RouteName.URGENT,
            system,
            Scope.WIDE,
            0.85,
            f"{because}，“{wide[0]}”范围大或涉及安全",
            bool(found),
        )
    route = RouteName.THIRD_PARTY if system in THIRD_PARTY else RouteName.INTERNAL
    severity = Scope.IMPAIRED if words.INTERMITTENT.search(part) else Scope.BLOCKED
    return Reading(Kind.FAULT, route, system, severity, 0.85 if found else 0.7, because, bool(found))


def _part(said: str) -> str:
    """Of two faults in one message the wider one, else the one named first."""
    parts = topics.parts(said)
    if parts == [said]:
        return said
    failing = [part for part in parts if Line(part).signs.failing]
    wide = [part for part in failing if topics.WIDE.search(part)]
    return (wide or failing or [said])[0]


def _only(open_systems: frozenset[str]) -> System | None:
    known = [System(name) for name in open_systems if name in set(System)]
    return known[0] if len(known) == 1 else None


def _request(said: str, operation: str) -> Reading:
    because = f"“{operation}”是要求办理"
    danger = topics.STOLEN.search(said)
    if danger and topics.STOP_IT.search(said):
        return _routed(Kind.REQUEST, RouteName.URGENT, said, f"{because}，“{danger[0]}”要马上止损")
    return _ways(Kind.REQUEST, said, because)


def _question(said: str, question: str, open_systems: frozenset[str]) -> Reading:
    found = topics.subject(said)
    if found and found[0] in open_systems and words.NOT_YET.search(said):
        return _other(0.8, f"“{found[1]}”已有未结故障，是在问进展")
    if not found and not topics.MANUAL.search(said) and not topics.BUSINESS.search(said):
        return _other(0.6, f"“{question}”是提问，但与服务无关")
    return _ways(Kind.QUESTION, said, f"“{question}”是提问")


def _ways(kind: Kind, said: str, because: str) -> Reading:
    """Vendor, business, back end, first line: the first that the words name."""
    found = topics.subject(said)
    if found and found[0] in THIRD_PARTY:
        hit = topics.THIRD_PARTY_ADDRESSED.search(said) or topics.THIRD_PARTY_ASKED.search(said)
        if hit or found[0] in {System.CLOUD, System.NETWORK}:
            return _routed(kind, RouteName.THIRD_PARTY, said, f"{because}，“{hit[0] if hit else found[1]}”要厂商办")
    for pattern, route, who in (
        (topics.BUSINESS, RouteName.BUSINESS, "属商务"),
        (topics.BACK_END, RouteName.INTERNAL, "要后台技术"),
    ):
        hit = pattern.search(said)
        if hit:
            return _routed(kind, route, said, f"{because}，“{hit[0]}”{who}")
    return _routed(kind, RouteName.FAQ, said, f"{because}，属日常使用")


def _routed(kind: Kind, route: RouteName, said: str, because: str) -> Reading:
    found = topics.subject(said)
    system = found[0] if found else None
    if route is RouteName.BUSINESS:
        system = None
    if route is RouteName.INTERNAL and system not in THIRD_PARTY:
        system = System.OA
    if route is RouteName.URGENT:
        system = system or System.OA
    return Reading(kind, route, system, None, 0.8, because, found is not None)


def _other(confidence: float, because: str) -> Reading:
    return Reading(Kind.OTHER, None, None, None, confidence, because)
