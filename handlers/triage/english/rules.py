"""What one English message is: the tie-breaks of the label rules, in their order."""

from bot.work.understanding import Kind, RouteName, Scope
from handlers.triage.english import corrections, naming, relaying, symptoms, topics, words
from handlers.triage.english.dialogue import chasing
from handlers.triage.english.signs import Line
from handlers.triage.labels import ENGINEER, STAFF, THIRD_PARTY, Reading, System


def judge(line: Line, role: str, open_systems: frozenset[str]) -> Reading:
    """Judge one message on its own words and its sender's role; never raises, whatever the text.

    ``open_systems``: systems with an open ticket in this chat, as for a Chinese line.
    """
    said = line.said
    noise = _noise(line, role, open_systems)
    if noise:
        return _other(0.9, noise)
    signs = line.signs
    if signs.failing:
        return _fault(line, signs.failing, open_systems)
    if signs.ended:
        return _other(0.9, f"“{signs.ended}”: it works, or need not be looked at")
    if signs.operation:
        return _request(said, signs.operation)
    chaser = chasing(line)
    if chaser:
        return _other(0.85, f"“{chaser}” asks after it, nothing new")
    if signs.question:
        return _question(said, signs.question, open_systems)
    return _other(0.6, "no failure, no question, no request")


def _noise(line: Line, role: str, open_systems: frozenset[str]) -> str | None:
    """What is no report whatever words it holds: commands, notices, staff's own words, other people's things."""
    said = line.said
    if not said:
        return "no words"
    if line.is_command:
        return "a command"
    notice = words.NOTICE.search(said)
    if notice:
        return f"“{notice[0].strip()}” is a notice or about a meeting"
    if (
        role in STAFF
        and not words.RELAYED.search(said)
        and not (role == ENGINEER and relaying.reports(line, open_systems))
    ):
        return "an engineer's or vendor's answer"
    outside = words.OUT_OF_SCOPE.search(said)
    if outside and not topics.BUSINESS.search(said) and naming.subject(said.replace(outside[0], " ")) is None:
        return f"“{outside[0]}” is not ours"
    return None


def _fault(line: Line, symptom: str, open_systems: frozenset[str]) -> Reading:
    part = _part(line.said)
    correction = corrections.corrected(line)
    found = correction.named if correction else naming.subject(part, failing=True)
    system = found[0] if found else _only(open_systems) or System.OA
    because = f"“{symptom}” is a failure" + (f", “{found[1]}” names the system" if found else ", no system named")
    wide = topics.wide(line.said, asks=line.asks)
    if wide:
        because = f"{because}, “{wide}” is wide or about security"
        return Reading(Kind.FAULT, RouteName.URGENT, system, Scope.WIDE, 0.85, because, bool(found))
    route = RouteName.THIRD_PARTY if system in THIRD_PARTY else RouteName.INTERNAL
    severity = Scope.IMPAIRED if symptoms.INTERMITTENT.search(part) else Scope.BLOCKED
    return Reading(Kind.FAULT, route, system, severity, 0.85 if found else 0.7, because, bool(found))


def _part(said: str) -> str:
    """Of two faults in one message the wider one, else the one named first (label rule 7)."""
    parts = topics.parts(said)
    if parts == [said]:
        return said
    failing = [part for part in parts if Line(part).signs.failing]
    wide = [part for part in failing if topics.wide(part)]
    return (wide or failing or [said])[0]


def _only(open_systems: frozenset[str]) -> System | None:
    known = [System(name) for name in open_systems if name in set(System)]
    return known[0] if len(known) == 1 else None


def _request(said: str, operation: str) -> Reading:
    because = f"“{operation}” is asked for"
    danger = topics.STOLEN.search(said)
    if danger and topics.STOP_IT.search(said):
        return _routed(Kind.REQUEST, RouteName.URGENT, said, f"{because}, “{danger[0]}” must be stopped")
    return _ways(Kind.REQUEST, said, because)


def _question(said: str, question: str, open_systems: frozenset[str]) -> Reading:
    found = naming.subject(said)
    if found and found[0] in open_systems and words.WHEN_OVER.search(said):
        return _other(0.8, f"“{found[1]}” has an open ticket, this asks after it")
    if not found and not topics.MANUAL.search(said) and not topics.BUSINESS.search(said):
        return _other(0.6, f"“{question}” asks, but about nothing of ours")
    return _ways(Kind.QUESTION, said, f"“{question}” asks")


def _ways(kind: Kind, said: str, because: str) -> Reading:
    """Vendor, business, back end, first line: the first that the words name (label rules 6, 10 and 11)."""
    found = naming.subject(said)
    if found and found[0] in THIRD_PARTY:
        hit = topics.THIRD_PARTY_ADDRESSED.search(said) or topics.THIRD_PARTY_ASKED.search(said)
        if hit or found[0] in {System.CLOUD, System.NETWORK}:
            return _routed(
                kind, RouteName.THIRD_PARTY, said, f"{because}, “{hit[0] if hit else found[1]}” is the vendor's"
            )
    for pattern, route in ((topics.BUSINESS, RouteName.BUSINESS), (topics.BACK_END, RouteName.INTERNAL)):
        hit = pattern.search(said)
        if hit:
            return _routed(kind, route, said, f"{because}, “{hit[0]}”")
    return _routed(kind, RouteName.FAQ, said, f"{because}, everyday use")


def _routed(kind: Kind, route: RouteName, said: str, because: str) -> Reading:
    found = naming.subject(said)
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
