"""Lists of more than there is room for: what is chosen is in sight, at every size."""

from __future__ import annotations

import pytest

from asnity_tui.screens.dialogs.picker import Picker
from asnity_tui.widgets.option import Option
from asnity_tui.widgets.text.styles import spans

from .app_harness import populated_harness, run_app


@pytest.mark.slow
async def test_what_is_chosen_from_a_long_list_is_in_sight_at_every_size() -> None:
    options = [Option(str(number), spans((f"choice {number};", "plain"))) for number in range(1, 61)]
    async with run_app(populated_harness(), size=(80, 24)) as running:
        running.app.push_screen(Picker("One of many", options))
        await running.shows("choice 1;")
        await running.pilot.press(*["pagedown"] * 6)
        for size in ((100, 30), (80, 24), (80, 20), (80, 16), (80, 12), (60, 8), (20, 5)):
            dialog = running.app.screen
            assert isinstance(dialog, Picker)
            for chosen in (60, 59, 1, 2, 60):
                dialog.list.put_cursor(str(chosen))
                await running.pilot.pause()
                assert f"choice {chosen};" in running.text(), f"{size}\n{running.text()}"
            await running.pilot.resize_terminal(*size)
            await running.pilot.pause()
            assert "choice 60;" in running.text(), f"{size}\n{running.text()}"
