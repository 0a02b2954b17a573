"""Keeps the settings of 4.4.0 from leaking and from being changed.

Hooks live in the engine's own file, so this plugin has no settings in OctoPrint's sense. What 4.4.0 left in
config.yaml holds secrets, and OctoPrint would show it to every user who may read settings: nothing goes out, nothing
comes in, and the block stays as it is until the user has it removed.
"""

from __future__ import annotations

from typing import Any

import octoprint.plugin
from octoprint.settings import NoSuchSettingsPath

OLD_KEYS = (
    "hooks",
    "settings_version",
    # Before there were several hooks, the keys of the only one stood here directly.
    "url",
    "apiSecret",
    "deviceIdentifier",
    "eventPrintStarted",
    "eventPrintDone",
    "eventPrintFailed",
    "eventPrintPaused",
    "eventUserActionNeeded",
    "eventError",
    "event_print_progress",
    "event_print_progress_interval",
    "eventPrintStartedMessage",
    "eventPrintDoneMessage",
    "eventPrintFailedMessage",
    "eventPrintPausedMessage",
    "eventUserActionNeededMessage",
    "eventPrintProgressMessage",
    "eventErrorMessage",
    "customEvents",
    "verify_ssl",
    "headers",
    "data",
    "http_method",
    "content_type",
    "oauth",
    "oauth_url",
    "oauth_headers",
    "oauth_data",
    "oauth_http_method",
    "oauth_content_type",
    "test_event",
    "webhook_enabled",
    "event_cooldown",
)
"""What 4.4.0 and its predecessors kept in config.yaml."""


class OldSettings(octoprint.plugin.SettingsPlugin):
    """The plugin as OctoPrint's settings see it: empty."""

    def get_settings_defaults(self) -> dict[str, Any]:
        """There are no settings."""
        return {}

    def on_settings_load(self) -> dict[str, Any]:
        """Nothing goes out."""
        return {}

    def on_settings_save(self, data: Any) -> dict[str, Any]:
        """Nothing comes in."""
        return {}

    def get_settings_restricted_paths(self) -> dict[str, list[list[str]]]:
        """A second lock on the same door: whatever is there is shown to nobody."""
        found = self.old_settings()
        extra = [str(key) for key in found if key not in OLD_KEYS] if isinstance(found, dict) else []
        return {"never": [[key] for key in (*OLD_KEYS, *extra)]}

    def get_settings_version(self) -> None:
        """No versions either: OctoPrint would write one into the old block."""
        return

    def on_settings_cleanup(self) -> None:
        """OctoPrint would remove what it takes for superfluous."""

    def old_settings(self) -> Any:
        """The block as it stands in config.yaml, without any defaults; None when there is none."""
        if self._settings is None:
            return None
        try:
            return self._settings.get_all_data(merged=False, incl_defaults=False, error_on_path=True)
        except NoSuchSettingsPath:
            return None

    def remove_old_settings(self) -> None:
        """Removes the block from config.yaml, without an event that would make open settings dialogs ask."""
        self._settings.clean_all_data()
        self._settings.save()
