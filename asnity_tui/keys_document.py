"""Writes docs/keys.md from the bindings: `python -m asnity_tui.keys_document > docs/keys.md`."""

from __future__ import annotations

import sys

from .screens.help import key_lines
from .screens.slash_commands import SLASH_COMMANDS

_HEAD = """# Keys

Everything that can be done, with its key and the id under which the settings file gives it another one:

```toml
[keys]
"go.to" = "ctrl+g"
"unread.best" = ["alt+a", "f5"]
```

What has no key stands in the palette (ctrl+p), as does everything else. F1 shows this list with the keys as they are
set. Some terminals take alt with a digit for their tabs, until their settings say otherwise. The letters in the
messages also act when they arrive as the jamo of the 2-set layout on the same keys.

This file is made from the program by `python -m asnity_tui.keys_document`, and a test compares the two.
"""

_SLASH = """
## Behind a slash

Written in the composer; a bare `/` offers those that people use first, Tab completes them by their names and by what
they mean (`/logou`, `/silence`), and `/help` lists them. What is no command is never sent, but a path is
(`/usr/bin/env`, `/notes.txt`); a message that begins with a slash is written with two (`//`).

| command | also | does |
|---|---|---|
"""


def document() -> str:
    """The text of docs/keys.md."""
    lines = [_HEAD]
    part = ""
    for line in key_lines({}, "` · `"):
        if line.part != part:
            part = line.part
            lines.append(f"\n## {part}\n\n| key | does | id |\n|---|---|---|\n")
        keys = f"`{line.keys.replace(' … ', '` … `')}`" if line.keys else ""
        told = f": {line.help[0].lower()}{line.help[1:]}" if line.help else ""
        ids = f"`{line.ids[0]}`" if len(line.ids) == 1 else f"`{line.ids[0]}` … `{line.ids[-1]}`"
        lines.append(f"| {keys} | {line.title}{told} | {ids} |\n")
    lines.append(_SLASH)
    for command in (each for each in SLASH_COMMANDS if each.offer):
        usage = f" {command.usage}" if command.usage else ""
        also = " ".join(f"`/{each}`" for each in command.aliases)
        lines.append(f"| `/{command.name}{usage}` | {also} | {command.help} |\n")
    return "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(document())
