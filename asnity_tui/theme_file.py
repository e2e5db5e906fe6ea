"""The file of the chosen theme, beside the accounts, for the next start."""

from __future__ import annotations

from pathlib import Path

import msgspec

from asnity_tui.client.storage.private_files import private_folder, replace_file


class _ThemeFile(msgspec.Struct, frozen=True):
    theme: str


def load_theme(path: Path) -> str:
    """Load the theme's name; "" if none was saved, or it makes no sense."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_ThemeFile).theme
    except (OSError, msgspec.DecodeError, UnicodeError):
        return ""
    return kept if 0 < len(kept) <= 50 else ""


def save_theme(path: Path, theme: str) -> None:
    """Save a theme's name. May raise `OSError`."""
    private_folder(path.parent)
    replace_file(path, msgspec.json.format(msgspec.json.encode(_ThemeFile(theme))))
