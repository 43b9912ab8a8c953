"""What the answer of a run says, by the kind of report that its runbook asks for."""

from collections.abc import Sequence
from typing import Any

from bot.core.redact import tail
from data.site import Site
from runbooks.language.vocabulary import Report
from runbooks.planning.outcome import StepResult
from runbooks.planning.plan import Plan
from runbooks.runs.report import Shown, connections, disks, nodes_of, probed, shown, since_asked
from runbooks.runs.run import Run


def answer_text(plan: Plan, results: Sequence[StepResult]) -> str:
    """What the last step said; of steps that went together, and of several to be read as text, what each host said."""
    last = plan.steps[len(results) - 1]
    told = [
        (step.target.id, result.output.strip("\n"))
        for step, result in zip(plan.steps, results, strict=False)
        if (step.wave == last.wave if last.wave else plan.report is Report.TEXT)
    ]
    if len(told) < 2:
        return results[-1].output
    return "\n".join(_of_host(host, output) for host, output in told if output)


def since_last_question(plan: Plan, results: Sequence[StepResult]) -> list[Shown]:
    """What the steps behind the last question have to say to people."""
    start = since_asked(plan.steps, len(results)) - 1
    return shown((step, r.output) for step, r in zip(plan.steps[start:], results[start:], strict=False))


def _of_host(host: str, output: str) -> str:
    return f"{host}:\n{output}" if "\n" in output else f"{host}: {output}"


def report(site: Site, run: Run, plan: Plan, results: Sequence[StepResult], output: str) -> tuple[str, dict[str, Any]]:
    """The message of the answer and its facts; ``output``: the text of it.

    Raises ``UserError`` where what was read is not what ``hosts.yaml`` says: there is no answer then.
    """
    group = site.hosts[plan.target].group
    for found in site.host_groups.values():
        if found.balancer and found.balancer.host == plan.target:
            group = found.id
    balancer = site.host_groups[group].balancer
    match plan.report:
        case Report.NODES:
            return "runs/nodes", {"plan": plan, "rows": nodes_of(output, balancer, site)}
        case Report.CONNS:
            return "runs/conns", {"plan": plan, "rows": connections(output, group, site)}
        case Report.DISK:
            return "runs/disk", {"plan": plan, "rows": disks(output)}
        case Report.PORTS:
            probes = ((s, r.exit, r.output) for s, r in zip(plan.steps, results, strict=False))
            return "runs/ports", {"run": run, "ports": probed(probes)}
        case Report.TEXT if any(step.show for step in plan.steps):
            return "runs/shown", {"run": run, "plan": plan, "rows": since_last_question(plan, results)}
        case Report.TEXT | Report.FILE:
            return "runs/text", {"run": run, "plan": plan, "text": tail(output, 20, 1500)}
