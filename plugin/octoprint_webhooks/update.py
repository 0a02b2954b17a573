"""Tells OctoPrint's software update where new versions of this plugin are."""

from __future__ import annotations

from typing import Any

from octoprint_webhooks.version import VERSION


def check_config(*_args: Any, **_kwargs: Any) -> dict[str, dict[str, str]]:
    """Releases on PyPI; the matching engine comes with the plugin as its dependency."""
    return {
        "webhooks": {
            "displayName": "Webhooks",
            "displayVersion": VERSION,
            "current": VERSION,
            "type": "pypi_release",
            "package": "octoprint-webhooks",
            "pip": "octoprint-webhooks=={target_version}",
        }
    }
