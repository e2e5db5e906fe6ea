"""The pictures in the documents show the program as it is."""

from __future__ import annotations

import re

import pytest

from .pictures import FOLDER, PICTURES, take


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
async def test_the_picture_in_the_documents_is_what_shows(name: str) -> None:
    drawn = await take(name)
    assert not re.search(r"url\(|href|@import|@font-face", drawn)  # nothing is fetched to show it
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert drawn == kept, "it looks different now: python -m tests.snapshots.pictures, then look at it"
