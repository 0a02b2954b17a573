"""What this plugin adds to OctoPrint's pages: an entry in the settings, a tab for those without them, and a script."""

from __future__ import annotations

from typing import Any

import octoprint.plugin
from flask_babel import gettext


class Page(octoprint.plugin.TemplatePlugin, octoprint.plugin.AssetPlugin):
    """The plugin as OctoPrint's pages see it."""

    def get_template_configs(self) -> list[dict[str, Any]]:
        """One page, at one of two places, for those who may see it; what is on it is loaded for nobody else."""
        return [
            {
                "type": "settings",
                "name": gettext("Webhooks"),
                "template": "webhooks_settings.jinja2",
                "custom_bindings": True,
                "data_bind": "visible: loginState.hasPermission(access.permissions.PLUGIN_WEBHOOKS_VIEW)",
            },
            {
                "type": "tab",
                "name": gettext("Webhooks"),
                "template": "webhooks_tab.jinja2",
                "custom_bindings": True,
                "data_bind": "visible: isInTab",
                "styles_link": ["display: none"],
            },
        ]

    def is_template_autoescaped(self) -> bool:
        """Values are text."""
        return True

    def get_assets(self) -> dict[str, list[str]]:
        """The loader. The pages themselves come from the engine."""
        return {"js": ["js/webhooks.js"], "css": ["css/webhooks.css"]}
