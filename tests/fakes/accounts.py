"""The fake server's accounts, sessions and overview."""

from __future__ import annotations

from asnity_server.protocol import limits, requests, responses, text, times
from asnity_server.protocol.errors import Conflict, Forbidden, NotFound, Unauthorized
from asnity_server.protocol.models import Session, User

from . import channels, communities
from .model import Account, CommunityRecord, SessionRecord
from .paging import paged
from .people import names_beside, require_distinct, told_mute
from .world import World


def sign_up(world: World, request: requests.SignUp, *, closed: bool, invite_only: bool) -> responses.SignedIn:
    username = text.clean_username(request.username)
    invited = communities.open_invite(world, request.invite) if request.invite is not None else None
    if closed or (invite_only and invited is None and world.accounts):
        raise Forbidden("You need an invite to sign up here.", field="invite")
    if world.by_name(username):
        raise Conflict("This name is taken.", field="username")
    require_distinct(username, [each.username for each in world.accounts.values()], field="username")
    display_name = text.clean_line(request.display_name or "", field="displayName", longest=limits.DISPLAY_NAME)
    account = make_account(world, username, display_name or username, request.password)
    session = make_session(world, account, request.device)
    if invited is not None:
        communities.accept(world, account, invited)
    return responses.SignedIn(token=session.token, user=account.as_user())


def sign_in(world: World, request: requests.SignIn) -> responses.SignedIn:
    account = world.by_name(request.username)
    if account is None or account.password != request.password:
        raise Unauthorized("Wrong name or password.")
    if account.disabled:
        raise Forbidden("This account is disabled. Ask the server administrator to enable it.")
    session = make_session(world, account, request.device)
    return responses.SignedIn(token=session.token, user=account.as_user())


def make_account(world: World, username: str, display_name: str, password: str) -> Account:
    account = Account(id=world.ids.new("user"), username=username, display_name=display_name, password=password)
    world.accounts[account.id] = account
    return account


def make_session(world: World, account: Account, device: str = "") -> SessionRecord:
    now = world.clock.now()
    others = [each for each in world.sessions.values() if each.account is account]
    for each in others[: max(0, len(others) - limits.SESSIONS + 1)]:
        world.end_session(each, "ended")
    session = SessionRecord(
        id=world.ids.new("session"),
        token=world.ids.new("token", 32),
        account=account,
        device=device,
        created_at=now,
        last_seen_at=now,
    )
    world.sessions[session.token] = session
    return session


def sessions(world: World, mine: SessionRecord, request: requests.Page) -> responses.Sessions:
    found, cursor = paged([each for each in reversed(world.sessions.values()) if each.account is mine.account], request)
    return responses.Sessions(
        sessions=tuple(
            Session(
                id=each.id,
                device=each.device,
                created_at=times.to_wire(each.created_at),
                last_seen_at=times.to_wire(each.last_seen_at),
                current=each is mine,
            )
            for each in found
        ),
        cursor=cursor,
    )


def end_session(world: World, mine: SessionRecord, request: requests.EndSession) -> None:
    for each in list(world.sessions.values()):
        if each.id == request.session_id and each.account is mine.account:
            return world.end_session(each, "signed-out" if each is mine else "ended")
    raise NotFound("Session not found.")


def end_other_sessions(world: World, mine: SessionRecord) -> None:
    for each in list(world.sessions.values()):
        if each.account is mine.account and each is not mine:
            world.end_session(each, "ended")


def change_password(world: World, mine: SessionRecord, request: requests.ChangePassword) -> None:
    if mine.account.password != request.current:
        raise Forbidden("The present password is another one.", field="current")
    mine.account.password = request.new
    for each in list(world.sessions.values()):
        if each.account is mine.account and each is not mine:
            world.end_session(each, "password-changed")


def patch_me(world: World, account: Account, request: requests.PatchMe) -> User:
    if request.display_name is not None:
        name = text.clean_line(request.display_name, field="displayName", longest=limits.DISPLAY_NAME, shortest=1)
        mine = [each.id for each in world.communities.values() if account.id in each.members]
        require_distinct(name, names_beside(world, account, mine), field="displayName")
        account.display_name = name
    if request.status_text is not None:
        account.status_text = text.clean_line(request.status_text, field="statusText", longest=limits.STATUS_TEXT)
    for community in world.communities.values():
        if account.id in community.members:
            communities.tell_member(world, community, account)
    return account.as_user()


def overview(world: World, account: Account) -> responses.Overview:
    mine = communities.of(world, account)
    named = {each for community in mine for each in _named(world, account, community)}
    return responses.Overview(
        user=account.as_user(),
        users=world.users(account, None, named | {account.id}),
        communities=tuple(
            responses.CommunityEntry(
                community=each.as_community(),
                role=each.members[account.id].role,
                channels=_entries(world, account, each),
                muted_until=told_mute(world, each, account.id),
            )
            for each in mine
        ),
        generation=world.generation,
    )


def community_overview(world: World, account: Account, request: requests.OfCommunity) -> responses.CommunityOverview:
    community = world.community(account, request.community_id)
    return responses.CommunityOverview(
        community=community.as_community(),
        role=community.members[account.id].role,
        channels=_entries(world, account, community),
        users=world.users(account, community.id, _named(world, account, community)),
        muted_until=told_mute(world, community, account.id),
    )


def _entries(world: World, account: Account, community: CommunityRecord) -> tuple[responses.ChannelEntry, ...]:
    return tuple(
        responses.ChannelEntry(
            channel=each.as_channel(),
            muted=each.seats[account.id].muted,
            counters=world.counters(account, each),
        )
        for each in channels.of(world, account, community)
    )


def _named(world: World, account: Account, community: CommunityRecord) -> set[str]:
    direct = (each for each in channels.of(world, account, community) if each.kind == "direct")
    return {account.id}.union(*(each.people for each in direct))
