"""OctoPrint's base folder, ready to run: configuration and users in, files out. Starts nothing.

No first run, no wizard, nothing that leaves the loopback interface, the virtual printer connected at start.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness import outputs
from harness.client import ADMIN, DEPUTY, ORDINARY, PASSWORD_HASH, READ_ONLY, VIEWER, User

HELPER_PLUGINS = Path(__file__).parent
"""Where the little plugins are that the tests install beside the one under test."""


@dataclass
class Setup:
    """What a test wants to be different from a plain OctoPrint."""

    old_settings: dict[str, Any] | None = None
    """The block `plugins.webhooks` of config.yaml, as 4.4.0 left it."""
    snapshot_url: str = ""
    """Where the webcam gives its picture."""
    csrf: bool = True
    """Whether OctoPrint asks for its CSRF token."""
    reauthentication_minutes: int = 5
    """For how long entered credentials count as fresh; 0 is for ever."""
    ticker: bool = True
    """Whether the helper plugin that fires and times events is installed."""
    disabled_plugins: tuple[str, ...] = ()
    """Plugins that are switched off, beside those that would use the network."""
    backups: bool = False
    """Whether OctoPrint's own plugin for backups is on."""
    printer_name: str = "Test printer"
    """OctoPrint's name in its appearance settings."""
    log_levels: dict[str, str] = field(default_factory=dict)
    """Levels of loggers, by name."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Anything else in config.yaml; replaces whole top-level blocks."""
    plugin_settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Settings of plugins, by plugin; each is put over what stands there."""


def write(folder: Path, version: str, setup: Setup) -> None:
    """Writes the base folder of an OctoPrint of that version."""
    outputs.watch(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_yaml(folder / "config.yaml", config(version, setup))
    users = [ADMIN, ORDINARY, READ_ONLY]
    if "webhooks" not in setup.disabled_plugins:
        users += [VIEWER, DEPUTY]
    _write_yaml(folder / "users.yaml", {"_version": 2} | {user.name: _user(user) for user in users})
    if setup.log_levels:
        loggers = {name: {"level": level} for name, level in setup.log_levels.items()}
        _write_yaml(folder / "logging.yaml", {"loggers": loggers})
    for cached in ("plugins.json", "notices.json"):
        cache = folder / "data" / "pluginmanager" / cached
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text("[]", encoding="utf-8")
    if setup.ticker:
        target = folder / "plugins" / "ticker"
        shutil.copytree(HELPER_PLUGINS / "ticker_plugin", target, ignore=shutil.ignore_patterns("__pycache__"))


def config(version: str, setup: Setup) -> dict[str, Any]:
    """The content of config.yaml."""
    disabled = ["announcements", "discovery", "errortracking", "softwareupdate", *setup.disabled_plugins]
    if not setup.backups:
        disabled.append("backup")
    plugins: dict[str, Any] = {
        "_disabled": disabled,
        "tracking": {"enabled": False},
        "health_check": {"disabled": ["python_eol"]},
        # A restore asks the repository whatever its time to live is: nobody listens there.
        "pluginmanager": {
            "repository": "http://127.0.0.1:9/plugins.json",
            "repository_ttl": 1_000_000,
            "notices_ttl": 1_000_000,
        },
        "classicwebcam": {"_config_version": 1, "snapshot": setup.snapshot_url, "stream": "/webcam/?action=stream"},
        "virtual_printer": {
            "_config_version": 1,
            "enabled": True,
            "simulated_errors": [],
            "throttle": 0.0001,
            "sendWait": False,
            "resetLines": ["start", "Marlin: Virtual Marlin!", "SD card ok"],
            "capabilities": {"AUTOREPORT_TEMP": False, "EMERGENCY_PARSER": True},
        },
    }
    if setup.old_settings is not None:
        plugins["webhooks"] = setup.old_settings
    settings: dict[str, Any] = {
        "accessControl": {
            "salt": "harness",
            "defaultReauthenticationTimeout": setup.reauthentication_minutes,
        },
        "appearance": {"name": setup.printer_name},
        "devel": {"enableRateLimiter": False, "enableCsrfProtection": setup.csrf},
        "feature": {"sdSupport": False},
        "plugins": plugins,
        "server": {
            "firstRun": False,
            "onlineCheck": {"enabled": False},
            "secretKey": "this-is-the-key-of-a-test",
            "seenWizards": {"backup": None, "classicwebcam": 1, "corewizard": 4, "file_check": 1, "tracking": None},
        },
        "temperature": {"cutoff": 30},
    }
    if version.startswith("1."):
        settings["server"]["pluginBlacklist"] = {"enabled": False}
        settings["serial"] = {"port": "VIRTUAL", "baudrate": 115200, "autoconnect": True, "logPositionOnPause": False}
    else:
        settings["server"]["pluginBlocklist"] = {"enabled": False}
        plugins["serial_connector"] = {"logPositionOnPause": False}
        connection = {"connector": "serial", "parameters": {"port": "VIRTUAL", "baudrate": 115200}}
        settings["printerConnection"] = {"autoconnect": True, "preferred": connection}
    for plugin, values in setup.plugin_settings.items():
        plugins[plugin] = plugins.get(plugin, {}) | values
    return settings | setup.settings


def _user(user: User) -> dict[str, Any]:
    return {
        "active": True,
        "apikey": user.api_key,
        "groups": list(user.groups),
        "password": PASSWORD_HASH,
        "permissions": list(user.permissions),
        "roles": ["user", "admin"] if "admins" in user.groups else ["user"],
        "settings": {},
    }


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    path.chmod(0o600)
