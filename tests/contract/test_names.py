"""Names that look like others', and those with nothing to be seen in them, on both servers."""

from __future__ import annotations

import pytest

from asnity_server.protocol import errors, requests, routes
from tests.contract.harness import ServerHarness


async def test_names_that_cant_be_told_apart_are_refused(harness: ServerHarness) -> None:
    alice, bob = await harness.person("alice"), await harness.person("bob")
    lab = await alice.found("Lab")
    await alice.let_in(lab.id, bob)
    with pytest.raises(errors.Conflict) as refused:
        await harness.person("\u0430lice")
    assert refused.value.info.field == "username"
    with pytest.raises(errors.Conflict) as refused:
        await bob.call(routes.PATCH_ME, requests.PatchMe(display_name="\u0410lice"))
    assert refused.value.info.field == "displayName"
    assert '"alice"' in refused.value.info.message
    await alice.channel(lab.id, "plan")
    with pytest.raises(errors.Conflict) as refused:
        await bob.channel(lab.id, "pl\u0430n")
    assert refused.value.info.field == "name"
    carol = await harness.person("carol")
    await carol.call(routes.PATCH_ME, requests.PatchMe(display_name="b\u043eb"))
    with pytest.raises(errors.Conflict):
        await alice.let_in(lab.id, carol)


@pytest.mark.parametrize("name", ["bob\u1160", "bob\U000e0100", "\u3164", "\u200b", "\u2800"])
async def test_invisible_characters_make_no_name_and_no_message(harness: ServerHarness, name: str) -> None:
    alice = await harness.person("alice")
    general = await alice.general((await alice.found("Lab")).id)
    with pytest.raises(errors.Invalid):
        await alice.call(routes.PATCH_ME, requests.PatchMe(display_name=name))
    with pytest.raises(errors.Invalid):
        await alice.found(name)
    if not name.startswith("bob"):
        with pytest.raises(errors.Invalid):
            await alice.call(routes.POST_MESSAGE, requests.PostMessage(channel_id=general, content=name))
    kept = "👩‍💻 ❤️ 🏴󠁧󠁢󠁳󠁣󠁴󠁿 می‌خواهم"
    assert (await alice.call(routes.PATCH_ME, requests.PatchMe(display_name=kept))).display_name == kept
