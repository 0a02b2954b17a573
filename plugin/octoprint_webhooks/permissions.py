"""The two rights that this plugin adds to OctoPrint's access control.

Who may manage hooks may also view deliveries: the need for viewing is part of the one for managing.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from octoprint.access import ADMIN_GROUP
from octoprint.access.permissions import Permissions


def additional_permissions(*_args: Any, **_kwargs: Any) -> list[dict[str, Any]]:
    """OctoPrint asks once, when it starts."""
    return [
        {
            "key": "VIEW",
            "name": gettext("View deliveries"),
            "description": gettext("Allows to see the webhooks' names and what became of their deliveries"),
            "roles": ["view"],
            "default_groups": [ADMIN_GROUP],
        },
        {
            "key": "MANAGE",
            "name": gettext("Manage webhooks"),
            "description": gettext(
                "Allows to see, change and test webhooks, including where they send and the secrets they send"
            ),
            "roles": ["view", "manage"],
            "dangerous": True,
            "default_groups": [ADMIN_GROUP],
        },
    ]


def permission(right: str) -> Any:
    """OctoPrint's permission object for `view` or `manage`."""
    return Permissions.PLUGIN_WEBHOOKS_MANAGE if right == "manage" else Permissions.PLUGIN_WEBHOOKS_VIEW
