"""Taking pictures of the app in the middle of something."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from asnity_tui.app import AsnityApp
from tests.tui.app_harness import AppHarness, RunningApp

Compare = Callable[..., bool]
Acting = Callable[[RunningApp], Awaitable[None]]

FONT_FACE = re.compile(r"[ \t]*@font-face \{.*?\}\n", re.DOTALL)


@pytest.fixture
def picture(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Take a picture of the app after something happened, and compare it."""
    # a picture must not depend on the moment of the blinking
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None)

    def take(
        harness: AppHarness,
        acting: Acting | None = None,
        *,
        size: tuple[int, int] = (100, 30),
        signed_in: bool = True,
        **more: Any,
    ) -> None:
        app = harness.app(signed_in=signed_in, **more)
        export = app.export_screenshot
        # a picture fetches its letters from nowhere
        monkeypatch.setattr(app, "export_screenshot", lambda **how: FONT_FACE.sub("", export(**how)))

        async def run(pilot: Pilot[None]) -> None:
            assert isinstance(pilot.app, AsnityApp)
            running = RunningApp(harness, pilot.app, pilot)
            if signed_in:
                await running.online()
                store = running.session.store
                await running.until(lambda: running.conversation.view.rows.items or not store.communities)
            if acting is not None:
                await acting(running)
            await pilot.pause()

        assert snap_compare(app, terminal_size=size, run_before=run)

    return take
