"""What anybody can do with a member of a community."""

from __future__ import annotations

from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry


async def write(about: About) -> None:
    """Open the direct channel with them."""
    if about.member is not None:
        await about.screen.write_to(about.community_id, [about.member.user.id])


def _may_write(about: About) -> bool:
    """Anybody but to myself; who is muted can only open what is there."""
    return about.member is not None and about.member.user.id != about.rights.me and about.rights.community is not None


MEMBER_ENTRIES: tuple[MenuEntry, ...] = (
    entry("member", "member.write", "Message", write, may=_may_write, key="Enter", help="Direct message"),
)
