"""The edit that puts a node back, made anew from the balancer's files as they are now: not always those of the plan."""

from dataclasses import replace

from bot.core.errors import UserError
from runbooks.engine import nginx
from runbooks.engine.floors import Standing, sight
from runbooks.engine.nginx_look import editable, read_layout
from runbooks.planning.plan import Edit, Node, Plan, Step
from runbooks.remote.command import Remote
from runbooks.remote.files import digest, encode, one_name


async def renewed(remote: Remote, plan: Plan, step: Step, edit: Edit) -> Step:
    """``step`` with what it has to write now, on the lines that the plan names.

    Raises ``UserError``: ``node_already_in`` (somebody was first), ``node_not_answering`` (its requests would fail), and what
    keeps the file from being edited; ``NotStarted`` or ``Lost``.
    """
    service = plan.service
    if service is None:
        raise LookupError("a plan that edits knows its balancer")
    address, *lines = edit.what
    layout = await read_layout(remote, service)
    new = nginx.edited(layout, service.upstream, edit.change, address, tuple(int(line) for line in lines))
    node = next((node for node in service.nodes if node.address == address), Node("", address))
    seen = await sight(remote, service, node)
    if seen.standing is not Standing.UP:
        raise UserError("node_not_answering", node=address, host=node.host, why=seen.why, group=service.group)
    path = await editable(remote, service, layout, new.file)
    await one_name(remote, service.balancer, path)
    before = layout.loaded.texts[new.file]
    anew = replace(edit, path=path, sha256=digest(before), new_sha256=digest(new.text), size=len(encode(new.text)))
    return step.with_edit(replace(anew, diff=nginx.difference(before, new.text)))
