"""An invite's link as it is shown to whoever made it."""

from __future__ import annotations

import pytest

from asnity_tui.screens.dialogs.links import LinkDialog

from .app_harness import populated_harness, run_app


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "remark"),
    [
        ("http://127.0.0.1:8440/invite/abc", "only works on the server's own machine"),
        ("http://192.168.1.5:8440/invite/abc", "only works in the server's own network"),
        ("https://chat.example.org/invite/abc", None),
    ],
)
async def test_a_link_that_does_not_work_everywhere_is_said_to(link: str, remark: str | None) -> None:
    async with run_app(populated_harness(), size=(80, 24)) as running:
        await running.shows("hello 5")
        running.app.push_screen(LinkDialog("Invite to Lab", link))
        await running.shows(link)
        if remark is not None:
            await running.shows(remark)
        assert bool(running.app.screen.query("#link-remark")) == (remark is not None)
