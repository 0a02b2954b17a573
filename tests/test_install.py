"""Installing as a user does: the repository's zip through the Plugin Manager, without a compiler, over 4.4.0."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from harness import Behaviour, Installation, Receiver, Setup, Start, gcode, old_settings, packages
from harness.bounded import until
from harness.venvs import wheels_dir

COMMAND = "/api/plugin/pluginmanager"
DONE = "plugin_pluginmanager_install_plugin"


def without_compilers(installation: Installation, tmp_path: Path) -> dict[str, str]:
    """An environment in which pip finds the wheels and build tools in a folder, asks no index, and finds no Rust."""
    links = tmp_path / "links"
    packages.build_tools(links)
    for wheel in wheels_dir().glob("octohooks-*.whl"):
        shutil.copy(wheel, links)
    assert list(links.glob("octohooks-*.whl")), f"no wheel of the engine in {wheels_dir()}"
    path = f"{installation.venv / 'bin'}:/usr/bin:/bin"
    for compiler in ("cargo", "rustc", "maturin"):
        assert shutil.which(compiler, path=path) is None, compiler
    return {"PATH": path, "PIP_FIND_LINKS": str(links), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}


def test_the_zip_of_the_repository_replaces_4_4_0(
    installation: Installation, start: Start, receiver: Receiver, another_receiver: Receiver, tmp_path: Path
) -> None:
    copy = installation.copy_to(tmp_path / "venv")
    copy.pip("uninstall", "--yes", "octoprint-webhooks", "octohooks")
    copy.pip("install", "--no-index", "--no-deps", str(packages.stand_in_for_4_4_0(tmp_path)))
    environment = without_compilers(copy, tmp_path)
    block = old_settings.block(5, receiver.url("/hook"))
    server = start(Setup(old_settings=block), at=copy, **environment)
    admin = server.admin
    admin.request("GET", "/plugin/webhooks/api/v1/status", expect=404)

    zipped = packages.repository_zip(tmp_path / "zip")
    archive = Behaviour(body=zipped.read_bytes(), headers={"Content-Type": "application/zip"})
    url = another_receiver.answers("/archive/OctoPrint-Webhooks-5.0.0.zip", archive)
    admin.request("POST", COMMAND, json={"command": "install", "url": url})
    until("the end of the installation", lambda: DONE in admin.seen_events() or server.log_problems(), seconds=180)
    console = server.folder / "logs" / "plugin_pluginmanager_console.log"
    assert DONE in admin.seen_events(), console.read_text()
    installed = admin.wait_for_event(DONE)
    assert (installed["id"], installed["version"]) == ("webhooks", "5.0.0")
    server.restart()

    listed = copy.pip("list", "--format=freeze").lower().replace("_", "-").splitlines()
    assert [line for line in listed if "webhooks" in line or "octohooks" in line] == [
        "octohooks==5.0.0",
        "octoprint-webhooks==5.0.0",
    ]
    site = next((copy.venv / "lib").glob("python3*/site-packages"))
    assert not (site / "octoprint_webhooks" / "only_in_4_4_0.py").exists()
    admin = server.admin
    assert admin.status()["version"] == "5.0.0"
    assert len(admin.hooks()) == 1
    admin.upload_and_print(gcode.tiny())
    assert receiver.wait_for("/hook", count=2)[1].json()["message"] == "Your print is done."
    assert receiver.matching("/hook")[0].json()["apiSecret"] == old_settings.SECRET


def test_the_wheel_of_the_plugin_holds_all_that_it_needs(installation: Installation) -> None:
    code = (
        "import importlib.metadata as m, pathlib, sys\n"
        "files = [f.as_posix() for f in m.files('octoprint-webhooks')]\n"
        "wanted = ['templates/webhooks_settings.jinja2', 'static/js/webhooks.js']\n"
        "missing = [w for w in wanted if f'octoprint_webhooks/{w}' not in files]\n"
        "points = m.distribution('octoprint-webhooks').entry_points\n"
        "entry = [point.value for point in points if point.group == 'octoprint.plugin']\n"
        "sys.exit(f'{missing} {entry}' if missing or entry != ['octoprint_webhooks'] else 0)\n"
    )
    done = subprocess.run(
        [str(installation.python), "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
