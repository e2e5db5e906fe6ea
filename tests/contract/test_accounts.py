"""The contract of accounts and sessions."""

from __future__ import annotations

import pytest

from asnity_server.protocol import errors, events, limits, requests, routes
from tests.contract.harness import ServerHarness


async def test_the_server_tells_its_limits_to_strangers(harness: ServerHarness) -> None:
    client = await harness.client()
    info = await client.call(routes.SERVER, requests.Empty())
    assert info.protocol == limits.PROTOCOL
    assert info.limits.content == limits.CONTENT
    assert info.registration == "open"


async def test_signing_up_and_in_lead_to_the_same_account(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    again = await harness.device("alice")
    assert again.user.id == alice.user.id
    assert (await again.call(routes.ME, requests.Empty())).username == "alice"


async def test_a_taken_name_is_a_conflict_whatever_its_case(harness: ServerHarness) -> None:
    await harness.person("alice")
    with pytest.raises(errors.Conflict) as refused:
        await harness.person("ALICE")
    assert refused.value.info.field == "username"


@pytest.mark.parametrize("name", ["a", "has space", "x" * 33, "channel", "semi;colon"])
async def test_a_name_that_no_account_may_have(harness: ServerHarness, name: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        await harness.person(name)
    assert refused.value.info.field == "username"


async def test_a_wrong_password_and_an_unknown_name_look_the_same(harness: ServerHarness) -> None:
    await harness.person("alice")
    client = await harness.client()
    told = []
    for name in ("alice", "nobody"):
        with pytest.raises(errors.Unauthorized) as refused:
            await client.call(routes.SIGN_IN, requests.SignIn(username=name, password="wrong password"))
        told.append(refused.value.info)
    assert told[0] == told[1]


async def test_without_a_token_nothing_is_told(harness: ServerHarness) -> None:
    client = await harness.client()
    with pytest.raises(errors.Unauthorized):
        await client.call(routes.ME, requests.Empty())


async def test_signing_out_ends_this_session_and_its_socket(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    other = await harness.device("alice")
    await alice.open()
    await other.open()
    await alice.call(routes.SIGN_OUT, requests.Empty())
    ended = await alice.heard.get("session-ended", events.SessionEnded)
    assert ended.reason == "signed-out"
    await alice.heard.until(lambda: alice.heard.lost, "the end of the connection")
    with pytest.raises(errors.Unauthorized):
        await alice.call(routes.ME, requests.Empty())
    assert (await other.call(routes.ME, requests.Empty())).id == alice.user.id
    assert not other.heard.lost


async def test_sessions_are_listed_newest_first_and_can_be_ended(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    other = await harness.device("alice")
    await other.open()
    listed = (await alice.call(routes.SESSIONS, requests.Page())).sessions
    assert [each.created_at for each in listed] == sorted((each.created_at for each in listed), reverse=True)
    (theirs,) = [each for each in listed if not each.current]
    await alice.call(routes.END_SESSION, requests.EndSession(session_id=theirs.id))
    await other.heard.get("session-ended", events.SessionEnded)
    with pytest.raises(errors.Unauthorized):
        await other.call(routes.ME, requests.Empty())


async def test_sessions_are_listed_in_parts(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    for _ in range(4):
        await harness.device("alice")
    found: list[str] = []
    cursor: str | None = None
    while cursor is not None or not found:
        page = await alice.call(routes.SESSIONS, requests.Page(limit=2, cursor=cursor))
        found += [each.id for each in page.sessions]
        cursor = page.cursor if isinstance(page.cursor, str) else None
    whole = await alice.call(routes.SESSIONS, requests.Page())
    assert found == [each.id for each in whole.sessions]
    assert len(set(found)) == 5
    with pytest.raises(errors.Invalid) as refused:
        await alice.call(routes.SESSIONS, requests.Page(cursor="nonsense"))
    assert refused.value.info.field == "cursor"


async def test_beyond_so_many_devices_the_one_that_was_unused_for_longest_is_signed_out(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    await alice.open()
    for _ in range(limits.SESSIONS - 1):
        latest = await harness.device("alice")
    assert (await alice.call(routes.ME, requests.Empty())).username == "alice"
    await harness.device("alice")
    ended = await alice.heard.get("session-ended", events.SessionEnded)
    assert ended.reason == "ended"
    with pytest.raises(errors.Unauthorized):
        await alice.call(routes.ME, requests.Empty())
    page = await latest.call(routes.SESSIONS, requests.Page(limit=limits.PAGE_MAX))
    assert len(page.sessions) == limits.SESSIONS
    assert not isinstance(page.cursor, str)


async def test_a_token_that_is_not_good_opens_no_socket(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    alice.client.token = "no such token"
    with pytest.raises(errors.Unauthorized):
        await alice.open()


async def test_a_client_can_be_opened_again_after_it_was_closed(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    community = await alice.found("Lab")
    await alice.open(community.id)
    await alice.client.close()
    await alice.open(community.id)
    assert not alice.heard.lost


async def test_a_new_password_ends_all_other_sessions(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    other = await harness.device("alice")
    await alice.open()
    await other.open()
    with pytest.raises(errors.Forbidden) as refused:
        await alice.call(routes.CHANGE_PASSWORD, requests.ChangePassword(current="not this", new="clementine"))
    assert refused.value.info.field == "current"
    await alice.call(routes.CHANGE_PASSWORD, requests.ChangePassword(current="tangerine", new="clementine"))
    ended = await other.heard.get("session-ended", events.SessionEnded)
    assert ended.reason == "password-changed"
    await other.heard.until(lambda: other.heard.lost, "the end of the connection")
    with pytest.raises(errors.Unauthorized):
        await other.open()
    assert (await alice.call(routes.ME, requests.Empty())).id == alice.user.id
    with pytest.raises(errors.Unauthorized):
        await harness.device("alice")


async def test_another_persons_session_can_not_be_ended(harness: ServerHarness) -> None:
    alice, eve = await harness.person("alice"), await harness.person("eve")
    (session,) = (await alice.call(routes.SESSIONS, requests.Page())).sessions
    with pytest.raises(errors.NotFound):
        await eve.call(routes.END_SESSION, requests.EndSession(session_id=session.id))
    assert (await alice.call(routes.ME, requests.Empty())).id == alice.user.id


async def test_an_invite_lets_in_whoever_signs_up_with_it(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    community = await alice.call(routes.CREATE_COMMUNITY, requests.CreateCommunity(name="Lab"))
    invite = await alice.call(routes.CREATE_INVITE, requests.CreateInvite(community_id=community.id))
    client = await harness.client()
    bad = requests.SignUp(username="bob", password="tangerine", invite="nosuchcode")
    with pytest.raises(errors.NotFound):
        await client.call(routes.SIGN_UP, bad)
    good = requests.SignUp(username="bob", password="tangerine", invite=invite.code)
    client.token = (await client.call(routes.SIGN_UP, good)).token
    mine = await client.call(routes.COMMUNITIES, requests.Empty())
    assert [each.id for each in mine.communities] == [community.id]


async def test_every_way_of_coming_in_tells_the_same_generation(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    community = await alice.found("Lab")
    await alice.open()
    await alice.client.enter(community.id)
    joined = await alice.join(community.id)
    info = await alice.call(routes.SERVER, requests.Empty())
    overview = await alice.call(routes.OVERVIEW, requests.Empty())
    assert info.generation == overview.generation == joined.generation != ""


async def test_ids_of_another_generation_are_refused(harness: ServerHarness) -> None:
    alice = await harness.person("alice")
    community = await alice.found("Lab")
    alice.client.generation = "another"
    with pytest.raises(errors.Conflict) as refused:
        await alice.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=community.id))
    assert errors.is_restored(refused.value.info)
    overview = await alice.call(routes.OVERVIEW, requests.Empty())
    alice.client.generation = overview.generation
    await alice.call(routes.COMMUNITY_OVERVIEW, requests.OfCommunity(community_id=community.id))
