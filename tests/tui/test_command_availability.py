"""Every command in every standing: key, menu, palette, slash and its completion agree on whether it can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace

import msgspec
import pytest

from asnity_server.protocol.models import Role
from asnity_tui.commands.command import Command
from asnity_tui.commands.context import CommandContext
from asnity_tui.commands.menus import menu_options, palette_options
from asnity_tui.commands.registry import REGISTRY
from asnity_tui.commands.slash import OFFERED, complete, offers, slash_of
from asnity_tui.state.rights import Rights
from asnity_tui.state.rows import PENDING, Row

from .app_harness import RunningApp, populated_harness, run_app
from .making import message, refused, row, unsent

ROLES: tuple[Role, ...] = ("member", "admin", "owner")

ROWS: dict[str, Callable[[str], Row | None]] = {
    "no message": lambda me: None,
    "mine": lambda me: row(3, me, "hello"),
    "not mine": lambda me: row(3, "somebody", "hello"),
    "deleted": lambda me: msgspec.structs.replace(
        row(3, me, ""), message=msgspec.structs.replace(message(3, me, ""), deleted_at="2026-11-20T10:00:00.000Z")
    ),
    "pending": lambda me: msgspec.structs.replace(unsent("n", "hello", PENDING)),
    "failed": lambda me: unsent("n", "hello", refused("No.")),
}


def standings(here: CommandContext) -> Iterator[tuple[str, CommandContext]]:
    """Make the standings by name: places to be, and roles to have there."""
    community, channel = here.community, here.channel
    assert community is not None
    assert channel is not None
    archived = msgspec.structs.replace(channel.channel, archived=True)
    direct = msgspec.structs.replace(channel.channel, kind="direct", members=(here.rights.me, "somebody"))
    me = here.rights.me
    for role in ROLES:
        for name, made in ROWS.items():
            for where, wire in (("", channel.channel), ("archived", archived), ("direct", direct)):
                for muted in (0, here.now + 60_000):
                    state = copy(channel)
                    state.channel = wire
                    rights = Rights(me=me, role=role, community=community.community, channel=wire, muted_until=muted)
                    chosen = made(me)
                    yield (
                        f"{role} {where} {'muted' if muted else ''} {name}",
                        replace(here, rights=rights, channel=state, row=chosen, chosen=(chosen,) if chosen else ()),
                    )
        rights = Rights(me=me, role=role, community=community.community)
        yield f"{role}, no channel", replace(here, rights=rights, channel=None, row=None)
        for other in (community.members or {}).values():
            about = Rights(me=me, role=role, community=community.community, channel=channel.channel)
            yield f"{role} about {other.user.username}", replace(here, rights=about, member=other)
    nowhere = Rights(me=me, role="member", community=None)
    yield "no community", replace(here, rights=nowhere, community=None, channel=None, row=None)


def runs(running: RunningApp, command: Command, ctx: CommandContext) -> str | None:
    """None where its key does it; else what is said instead."""
    done: list[str] = []
    said: list[str] = []
    runner = running.chat.commands
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runner.ui, "notify", lambda text, **how: said.append(text))
        runner.start(msgspec.structs.replace(command, run=lambda ctx, args: done.append("")), ctx)
    assert bool(done) != bool(said)
    return said[0] if said else None


@pytest.mark.slow
async def test_every_way_to_a_command_agrees_with_every_other() -> None:
    async with run_app(populated_harness()) as running:
        await running.shows("hello 5")
        here = running.chat.commands.context()
        await running.session.members.load(here.community_id)
        for name, ctx in standings(running.chat.commands.context()):
            for command in REGISTRY:
                why = command.available(ctx)
                assert runs(running, command, ctx) == why, (name, command.id)
                if why is not None:
                    assert why.endswith("."), (name, command.id, why)
                    assert ". " not in why, (name, command.id, why)
            palette = {each.key for each in palette_options(ctx, {})}
            table = offers(ctx)
            may = {each.name: each.may for each in table}
            menus = {
                kind: {each.key for each in menu_options(kind, ctx, {})}
                for kind in ("message", "member", "channel", "community")
            }
            for command in REGISTRY:
                allowed = command.available(ctx) is None
                if command.palette:
                    assert (command.id in palette) == allowed, (name, command.id, "palette")
                for kind in command.menu:
                    assert (command.id in menus[kind]) == allowed, (name, command.id, kind)
                if command in OFFERED:
                    slash = slash_of(command).name
                    assert may[slash] == allowed, (name, command.id, "slash")
                    inserted = {each.insert for each in complete(slash, table)}
                    assert (f"/{slash} " in inserted) == allowed, (name, command.id, "completion")
