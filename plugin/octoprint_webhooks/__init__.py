"""Webhooks for OctoPrint: the part that OctoPrint loads.

OctoPrint reads the constants below from the source before it imports anything, so they stay plain literals. Importing
this module does nothing else: OctoPrint does it for its command line too. Everything is built in `__plugin_load__`,
and nothing is started there either.
"""

from __future__ import annotations

from typing import Any, Callable

__plugin_name__ = "Webhooks"
__plugin_author__ = "The OctoPrint-Webhooks authors"
__plugin_description__ = "Sends a webhook when something happens on your printer, and tells you what became of it."
__plugin_license__ = "AGPL-3.0-or-later"
__plugin_pythoncompat__ = ">=3.9,<4"
__plugin_privacypolicy__ = (
    "This plugin sends data only to the addresses that you enter for your webhooks, and only what you configured there."
)

__plugin_implementation__: object
__plugin_hooks__: dict[str, Callable[..., Any]]


def __plugin_load__() -> None:
    """Called by OctoPrint when it loads the plugin: makes the implementation and says which hooks there are."""
    global __plugin_implementation__, __plugin_hooks__

    from octoprint_webhooks import api, backup, health, native, permissions, update
    from octoprint_webhooks.plugin import CUSTOM_EVENTS, WebhooksPlugin

    plugin = WebhooksPlugin(native.load())
    __plugin_implementation__ = plugin
    __plugin_hooks__ = {
        "octoprint.access.permissions": permissions.additional_permissions,
        "octoprint.comm.protocol.atcommand.sending": plugin.bridge.on_at_command,
        "octoprint.comm.protocol.gcode.received": plugin.bridge.on_line,
        "octoprint.comm.protocol.gcode.sent": plugin.bridge.on_sent,
        "octoprint.events.register_custom_events": lambda *_args, **_kwargs: list(CUSTOM_EVENTS),
        "octoprint.plugin.backup.additional_excludes": backup.additional_excludes,
        "octoprint.plugin.backup.after_restore": plugin.after_restore,
        "octoprint.plugin.backup.before_restore": plugin.before_restore,
        "octoprint.plugin.health_check.get_additional_checks": lambda *_args, **_kwargs: health.additional_checks(
            plugin.trouble, plugin.delivery_troubles
        ),
        "octoprint.plugin.softwareupdate.check_config": update.check_config,
        "octoprint.server.http.bodysize": api.body_sizes,
    }
