"""Sources of the settings; a broken file is told and not fatal."""

from __future__ import annotations

from pathlib import Path

import pytest

from asnity_server.options import BadSettings
from asnity_tui import config
from asnity_tui.config import OPTIONS, Settings, load, unknown_keys


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "settings.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_anything_there_are_defaults(home: Path) -> None:
    loaded = load({}, {})
    assert loaded.settings == Settings()
    assert loaded.troubles == ()
    assert home in loaded.settings.data.parents
    assert loaded.settings.sessions_file.parent == loaded.settings.accounts_folder.parent == loaded.settings.data


def test_the_command_line_goes_over_the_environment_over_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'theme = "a"\nserver = "file"\nnotify = "off"\n')
    environment = {"ASNITY_TUI_SERVER": "environment", "ASNITY_TUI_NOTIFY": "bell", "ASNITY_HOST": "::"}
    loaded = load({"notify": "auto", "server": None}, environment, file)
    assert (loaded.settings.theme, loaded.settings.server, loaded.settings.notify) == ("a", "environment", "auto")
    assert loaded.troubles == ()


def test_keys_are_one_or_several(tmp_path: Path) -> None:
    file = written(tmp_path, '[keys]\n"app.quit" = "ctrl+c"\n"timeline.next" = ["j", "down"]\n')
    settings = load({}, {}, file).settings
    assert settings.keys == {"app.quit": "ctrl+c", "timeline.next": "j,down"}
    (sentence,) = unknown_keys(settings.keys, ["app.quit"])
    assert "timeline.next" in sentence


def test_paths_may_begin_at_home(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path, 'data = "~/elsewhere"\n')
    assert load({}, {}, file).settings.data == home / "elsewhere"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"theme = ", "is not TOML"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"theme = 5", "theme must be a theme's name"),
        (b'notify = "loud"', "notify must be auto, bell or off"),
        (b"keys = 5", "keys must be a table"),
        (b'[keys]\n"app.quit" = 5', "keys must be a table"),
        (b'[keys]\n"app.quit" = [5]', "keys must be a table"),
        (b"shoe_size = 42", "an unknown setting: shoe_size"),
        (b'"e\\u001bscape" = 1', "an unknown setting: e\N{REPLACEMENT CHARACTER}scape"),
        (b'data = ["a"]', "data must be a folder"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_and_the_rest_counts(tmp_path: Path, text: bytes, told: str) -> None:
    loaded = load({"server": "given"}, {}, written(tmp_path, text))
    assert loaded.settings == Settings(server="given")
    (sentence,) = loaded.troubles
    assert told in sentence
    assert sentence.isprintable()


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    loaded = load({}, {}, written(tmp_path, b'\xef\xbb\xbftheme = "a"\n'))
    assert (loaded.settings.theme, loaded.troubles) == ("a", ())


def test_one_wrong_setting_spoils_no_other(tmp_path: Path) -> None:
    loaded = load({}, {"ASNITY_TUI_NOTIFY": "loud"}, written(tmp_path, 'theme = "a"\nserver = 5\n'))
    assert loaded.settings == Settings(theme="a")
    assert len(loaded.troubles) == 2


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    loaded = load({}, {}, tmp_path)
    assert loaded.settings == Settings()
    assert "can't be read: is a directory" in loaded.troubles[0]


def test_a_home_that_is_no_folder_has_no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "default_file", lambda: Path("/dev/null/.config/asnity-tui/config.toml"))
    assert load({"data": str(tmp_path)}, {}).troubles == ()
    with pytest.raises(BadSettings, match="There is no settings file"):
        load({}, {}, Path("/dev/null/config.toml"))


def test_what_is_wrong_on_the_command_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"--notify must be auto, bell or off\."):
        load({"notify": "loud"}, {})
    with pytest.raises(BadSettings, match="There is no settings file"):
        load({}, {}, tmp_path / "missing.toml")


def test_every_setting_is_told_of() -> None:
    assert {each.field for each in OPTIONS} | {"keys"} == set(Settings.__struct_fields__)


def test_seconds_to_take_back_are_a_number_from_0_to_10(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("undo_send = 5\n")
    assert load({}, {}, file).settings.undo_send == 5
    assert load({"undo_send": "3"}, {}, file).settings.undo_send == 3
    assert load({}, {"ASNITY_TUI_UNDO_SEND": "99"}, file).troubles == (
        "ASNITY_TUI_UNDO_SEND must be a whole number from 0 to 10.",
    )
    assert next(each.flag for each in OPTIONS if each.field == "undo_send") == "--undo-send"
