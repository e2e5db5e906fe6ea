"""What anybody can do with a community that they are in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asnity_tui.screens.dialogs.menu import About, MenuEntry, entry


def _place(doing: str) -> Callable[[About], Awaitable[None]]:
    """What the commands do with the community on the screen: this one is put there first."""

    async def do(about: About) -> None:
        screen = about.screen
        community = screen.session.store.communities.get(about.community_id)
        if community is None:
            return
        screen.navigation.go_to_community(community)
        screen.action_place(doing)

    return do


MEMBERSHIP_ENTRIES: tuple[MenuEntry, ...] = (
    entry("community", "community.browse", "Browse channels", _place("browse"), help="Public channels you can join"),
    entry(
        "community",
        "community.create-channel",
        "Create a channel",
        _place("create-channel"),
        may=lambda about: about.rights.may_create_channel,
        help="Public or private",
    ),
    entry("community", "community.leave", "Leave this community", _place("leave-community"), help="Asks first"),
)
