"""The services of systemd that hosting.md prints are such as systemd takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.nginx import DOCUMENT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"),
]

UNITS = {
    Path(name): text
    for name, text in re.findall(r"```ini\n# (\S+\.service)\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
}


def test_there_is_a_service_for_each_program() -> None:
    assert [each.name for each in UNITS] == ["asnity.service", "asnity-api.service", "asnity-gateway@.service"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_has_nothing_to_say_about_it(unit: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("asnity-server")
    text = re.sub(r"(?<=ExecStart=)\S+", str(program), UNITS[unit])
    file = tmp_path / unit.name.replace("@.", "@1.")
    file.write_text(text)
    whose = "--user" if "config/systemd/user" in str(unit) else "--system"
    found = subprocess.run(
        ["systemd-analyze", whose, "verify", str(file)],
        capture_output=True, text=True, env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_it_has_time_to_drain(unit: Path) -> None:
    from asnity_server.programs.program_settings import GatewaySettings

    patience = int(re.findall(r"TimeoutStopSec=(\d+)", UNITS[unit])[0])
    assert patience > (GatewaySettings().drain if "gateway" in unit.name else 5)
