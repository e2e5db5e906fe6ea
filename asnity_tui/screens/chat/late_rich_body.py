"""Makes prose of messages as soon as what does that is loaded, which the first picture doesn't wait for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeAlias

from asnity_tui.widgets.text.rich_body import RichBody

Render: TypeAlias = Callable[[str], RichBody]


def loaded() -> Render | None:
    """Markdown, if it is loaded already."""
    module = sys.modules.get("asnity_tui.widgets.text.markdown")
    return getattr(module, "render", None)
