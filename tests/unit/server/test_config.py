"""Settings: where they come from, and what is said where they can't be used."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from asnity_server import config
from asnity_server.config import OPTIONS, ServerSettings, load, without_limits
from asnity_server.options import BadSettings
from asnity_server.rate_limits import UNLIMITED, Rate, Rates


@pytest.fixture(autouse=True)
def nothing_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of whoever runs the tests."""
    monkeypatch.setattr(config, "default_file", lambda: tmp_path / "home.toml")


def test_defaults() -> None:
    settings = load({}, {})
    assert (settings.host, settings.port, settings.registration) == ("127.0.0.1", 8440, "invite")
    assert settings.database == settings.data / "asnity.db"
    assert settings.proxies == ()


def test_the_command_line_goes_first_then_the_environment_then_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nname = "File"\nhost = "::1"\ntrusted_proxies = ["10.0.0.0/8"]\n')
    settings = load({"port": "3", "name": None}, {"ASNITY_PORT": "2", "ASNITY_NAME": "Environment"}, file)
    assert (settings.port, settings.name, settings.host) == (3, "Environment", "::1")
    assert [str(each) for each in settings.proxies] == ["10.0.0.0/8"]


def test_a_file_at_its_usual_place_is_found(tmp_path: Path) -> None:
    (tmp_path / "home.toml").write_text("port = 5\n")
    assert load({}, {}).port == 5


def test_limits_as_they_are_used() -> None:
    rates = load({}, {}).rates
    assert (rates.messages, rates.sign_in) == (Rate(10, 0.2), Rate(10, 6.0))
    settings = load({"limit_messages": "off"}, {"ASNITY_LIMIT_CONNECTIONS": "0", "ASNITY_LIMIT_TYPING": "3+1/s"})
    assert (settings.rates.messages, settings.rates.typing) == (UNLIMITED, Rate(3, 1.0))
    assert settings.limit_connections == 0
    off = without_limits(ServerSettings(port=1))
    assert (off.port, off.limit_connections, off.rates) == (1, 0, Rates())
    assert [str(each) for each in load({"metrics_networks": "10.0.0.0/8"}, {}).metrics_readers] == ["10.0.0.0/8"]


def test_lists_and_paths_from_text() -> None:
    settings = load({}, {"ASNITY_TRUSTED_PROXIES": "127.0.0.1, 2001:db8::/32,", "ASNITY_DATA": "~/there"})
    assert settings.trusted_proxies == ("127.0.0.1", "2001:db8::/32")
    assert settings.data == Path("~/there").expanduser()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port", "x"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", ""),
        ("registration", "maybe"),
        ("public_url", "ftp://x"),
        ("public_url", "chat.example.org"),
        ("public_url", "https://"),
        ("public_url", "http://["),
        ("public_url", "https://x.org/chat"),
        ("public_url", "https://x.org//"),
        ("public_url", "https://x.org:0"),
        ("public_url", "https://x.org:99999"),
        ("public_url", "https://me@x.org"),
        ("public_url", "https://x.org?"),
        ("public_url", "https://x.org#"),
        ("public_url", "https://x.org\\@y.org"),
        ("public_url", "https://x y.org"),
        ("public_url", "https://<b>"),
        ("public_url", 'https://"x'),
        ("public_url", "https://*"),
        ("public_url", "https://a,b"),
        ("public_url", "https://x.org;y"),
        ("public_url", "https://x..org"),
        ("public_url", "https://-"),
        ("public_url", "https://x.org:"),
        ("public_url", "https://x.org\u200b"),
        ("host", ""),
        ("host", " "),
        ("host", "[]"),
        ("data", ""),
        ("data", "a\0b"),
        ("trusted_proxies", "proxy"),
        ("delivery", "slow"),
        ("limit_messages", "often"),
        ("limit_sign_in", ""),
        ("limit_connections", "-1"),
        ("limit_frame", "63"),
        ("metrics_networks", "everywhere"),
        ("name", ""),
        ("name", "a\x1b[31mb"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(field: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load({field: value}, {})
    sentence = str(refused.value)
    assert sentence.startswith(f"The setting {field} must be ")
    assert sentence.isprintable()


@pytest.mark.parametrize("content", ["port =", "prot = 1", "port = [1]", 'name = "a', "data = 3", "\udcff"])
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadSettings):
        load({}, {}, file)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "Lab"\n')
    assert load({}, {}, file).name == "Lab"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        load({}, {}, tmp_path / "nothing.toml")
    with pytest.raises(BadSettings):
        load({}, {}, tmp_path)


@pytest.mark.parametrize(
    "address",
    ["https://chat.example.org", "https://chat.example.org./", "HTTPS://Chat.Example.org:8443", "http://my_box:8440",
     "http://10.0.0.1", "http://[2001:db8::1]:8440", "https://xn--3e0b707e.example", "https://채팅.example"],
)  # fmt: skip
def test_addresses_that_people_can_reach(address: str) -> None:
    assert load({"public_url": address}, {}).public_url == address


def test_a_variable_that_was_left_empty_opens_the_server_to_nobody() -> None:
    with pytest.raises(BadSettings, match="The setting host must be an address"):
        load({}, {"ASNITY_HOST": ""})
    assert load({"host": "[::1]"}, {}).host == "::1"


@pytest.mark.parametrize("home", ["/dev/null", __file__])
def test_a_home_that_is_no_folder_has_no_settings(home: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config, "default_file", lambda: Path(home, ".config", "asnity-server", "config.toml"))
    assert load({"data": str(tmp_path)}, {}).data == tmp_path
    with pytest.raises(BadSettings, match="There is no settings file"):
        load({"data": str(tmp_path)}, {}, Path(home, "config.toml"))


def test_why_a_file_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"can't be read: is a directory\. Name another with --config FILE\.$"):
        load({}, {}, tmp_path)
    file = tmp_path / "settings.toml"
    file.write_bytes('name = "Lab"'.encode("utf-16"))
    with pytest.raises(BadSettings, match="is not UTF-8"):
        load({}, {}, file)


def test_every_setting_has_its_row_in_the_table() -> None:
    assert [option.field for option in OPTIONS] == [each.name for each in msgspec.structs.fields(ServerSettings)]
    assert all(option.variable.startswith("ASNITY_") and option.flag.startswith("--") for option in OPTIONS)
    assert os.path.basename(config.default_data()) == "asnity-server"
