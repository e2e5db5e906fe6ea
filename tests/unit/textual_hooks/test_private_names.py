"""Whether every private name of Textual and Rich that the client uses has a test that says what is relied on."""

from __future__ import annotations

import ast

from . import test_app_hooks, test_driver_hooks, test_screen_hooks, test_text_area_hooks
from .private_names import own_names, reached, tested, used

TESTS = (test_app_hooks, test_driver_hooks, test_screen_hooks, test_text_area_hooks)
"""The modules that have those tests: importing them fills `tested`."""


class Example:
    """A class with a private name of each kind."""

    _class_wide = 1

    def _overridden(self) -> None:
        self._set = self._read  # type: ignore[attr-defined]
        super()._called()  # type: ignore[misc]


def test_no_private_name_of_a_library_is_used_without_a_test() -> None:
    found = used()
    missing = {name: sorted(modules) for name, modules in found.items() if name not in tested}
    assert not missing, (
        f"private names without a test: {missing}. Use a public way, choose another name where it is ours, "
        "or add a test with @relies_on that says what is relied on"
    )
    assert tested <= set(found), f"nothing uses these any more, so their tests can go: {sorted(tested - set(found))}"


def test_every_way_to_use_a_private_name_is_found() -> None:
    for code, name in (
        ("app._driver", "_driver"),
        ("self.app._driver.write('')", "_driver"),
        ("setattr(app, '_batch_count', 0)", "_batch_count"),
        ("from textual._wrap import compute_wrap_offsets", "textual._wrap.compute_wrap_offsets"),
        ("from textual.keys import _character_to_key", "textual.keys._character_to_key"),
        ("from rich._unicode_data import load as cells", "rich._unicode_data.load"),
        ("import textual._compositor", "textual._compositor"),
    ):
        found = [name for node in ast.walk(ast.parse(code)) for name in reached(node)]
        assert found == [name], code


def test_names_that_a_class_shares_with_its_bases_are_found() -> None:
    assert own_names(Example) == {"_class_wide", "_overridden", "_set", "_read", "_called"}
