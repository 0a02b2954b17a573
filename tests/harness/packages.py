"""Packages for the tests of installing: the repository as a zip, stand-ins for other versions, offline build tools.

In: the working tree and the tools' environment. Out: files in a folder of the test's. It writes nothing into the
repository.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import os
import subprocess
import zipfile
from pathlib import Path

from harness.venvs import ROOT

BUILD_TOOLS = ("hatchling", "packaging", "pathspec", "pluggy", "trove-classifiers")
"""What building the plugin from a zip needs."""


def repository_zip(folder: Path) -> Path:
    """The zip that `git archive` makes of the working tree. The repository's own index is not touched."""
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / "git"
    (scratch / "objects").mkdir(parents=True)
    objects = _git("rev-parse", "--path-format=absolute", "--git-path", "objects")
    environment = {
        "GIT_INDEX_FILE": str(scratch / "index"),
        "GIT_OBJECT_DIRECTORY": str(scratch / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
    }
    _git("add", "--all", env=environment)
    tree = _git("write-tree", env=environment)
    target = folder / "OctoPrint-Webhooks-5.0.0.zip"
    _git("archive", "--format=zip", "--prefix=OctoPrint-Webhooks-5.0.0/", f"--output={target}", tree, env=environment)
    return target


def stand_in_for_4_4_0(folder: Path) -> Path:
    """A wheel with name, version and entry point of the predecessor."""
    code = """
        import octoprint.plugin
        class WebhooksPlugin(octoprint.plugin.SettingsPlugin):
            def get_settings_defaults(self):
                return {"hooks": [], "settings_version": 4}
        __plugin_name__ = "Webhooks"
        __plugin_pythoncompat__ = ">=2.7,<4"
        __plugin_implementation__ = WebhooksPlugin()
    """
    files = {"octoprint_webhooks/__init__.py": _dedented(code), "octoprint_webhooks/only_in_4_4_0.py": "OLD = True\n"}
    entry = "[octoprint.plugin]\nwebhooks = octoprint_webhooks\n"
    return wheel(folder, "OctoPrint-Webhooks", "4.4.0", files, entry)


def engine_of_another_version(folder: Path) -> Path:
    """A wheel `octohooks` that is of another version than the plugin."""
    code = """
        VERSION = "4.9.9"
        class EngineError(Exception):
            pass
        class Engine:
            def __init__(self, options):
                raise AssertionError("an engine of another version was started")
    """
    return wheel(folder, "octohooks", "4.9.9", {"octohooks/__init__.py": _dedented(code)})


def wheel(folder: Path, name: str, version: str, files: dict[str, str], entry_points: str = "") -> Path:
    """A pure Python wheel of these files."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    content = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: harness\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        content[f"{info}/entry_points.txt"] = entry_points
    return _zipped(folder / f"{stem}-py3-none-any.whl", info, {path: text.encode() for path, text in content.items()})


def build_tools(folder: Path) -> None:
    """Wheels of the build tools, made of what is installed beside these tests, so that nothing has to be fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in BUILD_TOOLS:
        distribution = importlib.metadata.distribution(name)
        content: dict[str, bytes] = {}
        info = ""
        for file in distribution.files or []:
            if (
                file.parts[0] == ".."
                or "__pycache__" in file.parts
                or file.name in ("RECORD", "INSTALLER", "REQUESTED")
            ):
                continue
            if file.parts[0].endswith(".dist-info"):
                info = file.parts[0]
            content[file.as_posix()] = Path(str(file.locate())).read_bytes()
        _zipped(folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl", info, content)


def _zipped(target: Path, info: str, content: dict[str, bytes]) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    record = []
    for path, body in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(body)}")
    record.append(f"{info}/RECORD,,")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in content.items():
            archive.writestr(path, body)
        archive.writestr(f"{info}/RECORD", "\n".join(record) + "\n")
    return target


def _git(*arguments: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(os.environ) | (env or {}),
    )
    if done.returncode != 0:
        raise RuntimeError(f"git {' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout.strip()


def _dedented(code: str) -> str:
    lines = code.strip("\n").rstrip().split("\n")
    return "\n".join(line[8:] for line in lines) + "\n"
