"""Settings of the API program and of gateways: the same ways as the whole server's, and one file for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from asnity_server import config
from asnity_server.options import BadSettings
from asnity_server.programs.program_settings import load_api, load_gateway

LINK = "unix:/run/asnity/link.sock"
FAR = "tls://[2001:db8::1]:8441"


@pytest.fixture(autouse=True)
def nothing_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of whoever runs the tests."""
    monkeypatch.setattr(config, "default_file", lambda: tmp_path / "home.toml")


def test_one_file_serves_all_programs(tmp_path: Path) -> None:
    file = tmp_path / "asnity.toml"
    file.write_text(
        f'name = "The Lab"\nlink = ["{LINK}", "{FAR}"]\napi = ["{LINK}"]\ngateway_name = "g7"\nkeys = "~/keys"\n'
        'drain = 5\nlimit_messages = "1/s"\nlimit_packets = "9/s"\nsession_days = 3\ndelivery = "stock"\n'
    )
    api, gateway, whole = load_api({}, {}, file), load_gateway({}, {}, file), config.load({}, {}, file)
    assert (api.name, api.link, api.session_days) == ("The Lab", (LINK, FAR), 3)
    assert api.keys_folder == gateway.keys_folder == Path("~/keys").expanduser()
    assert (gateway.api, gateway.gateway_name, gateway.drain, gateway.limit_packets) == ((LINK,), "g7", 5, "9/s")
    assert (whole.name, whole.delivery) == ("The Lab", "stock")
    file.write_text('gatewayname = "g7"\n')
    with pytest.raises(BadSettings, match="no setting `gatewayname`"):
        load_gateway({}, {}, file)


def test_the_command_line_goes_first_then_the_environment_then_the_file(tmp_path: Path) -> None:
    file = tmp_path / "asnity.toml"
    file.write_text('api = ["unix:/a"]\ndrain = 1\nport = 1\ngateway_name = "g1"\n')
    environment = {"ASNITY_API": "unix:/b, tcp://127.0.0.1:5", "ASNITY_DRAIN": "2", "ASNITY_GATEWAY_NAME": "g2"}
    gateway = load_gateway({"drain": "3", "api": None}, environment, file)
    assert (gateway.api, gateway.drain) == (("unix:/b", "tcp://127.0.0.1:5"), 3)
    assert (gateway.port, gateway.gateway_name) == (1, "g2")
    environment = {"ASNITY_LINK": LINK, "ASNITY_NAME": "Lab", "ASNITY_KEYS": "/k"}
    api = load_api({"keys": "/here"}, environment, tmp_path / "asnity.toml")
    assert (api.link, api.name, api.keys) == ((LINK,), "Lab", "/here")


def test_a_name_of_the_server_is_no_name_of_a_gateway() -> None:
    assert load_gateway({"api": LINK}, {"ASNITY_NAME": "The Lab"}, None).gateway_name == ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Say where with --api"),
        ("/run/asnity/link.sock", "is no address of a link"),
        ("unix:link.sock", "is no address of a link"),
        ("unix:/" + "x" * 120, "too long"),
        ("https://127.0.0.1:8441", "is no address of a link"),
        ("tls://api.example.org", "is no address of a link"),
        ("tls://api.example.org:8441/path", "is no address of a link"),
        ("tls://api.example.org:99999", "is no address of a link"),
        ("tls://api.example.org:8441", "needs certificates"),
        ("tcp://192.0.2.1:8441", "encrypted: write tls://192.0.2.1:8441."),
        ("tcp://0.0.0.0:8441", "encrypted"),
        ("tcp://localhost:8441", "encrypted"),  # what a name means is for others to say
        (f"{LINK},tcp://192.0.2.1:8441", "encrypted"),
    ],
)
def test_addresses_that_cant_be_used(address: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        load_gateway({"api": address}, {}, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("drain", "-1"), ("drain", "soon"), ("gateway_name", "g-1"), ("limit_packets", "many"), ("host", " ")],
)
def test_values_that_cant_be_used_name_the_setting(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"The setting {name} must be "):
        load_gateway({"api": LINK, name: value}, {}, None)
