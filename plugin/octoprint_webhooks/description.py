"""What changes little: the printer's name and profile, the machine, the versions of what runs on it.

In: OctoPrint's settings and printer profiles. Out: the engine's description of the printer. Reads settings and files:
for threads that may wait.
"""

from __future__ import annotations

import platform
from typing import Any

import octoprint

from octoprint_webhooks.printer_view import plain
from octoprint_webhooks.version import VERSION

CHANGED_BY = frozenset({"SettingsUpdated", "PrinterProfileModified", "Connected"})
"""Events after which a description may be another one. With a connection comes its printer profile."""

PRINTER = "octoprint"
"""The id that OctoPrint's printer has in an installation of its own."""


class Description:
    """Looks the printer up. Never raises: what cannot be had is left out."""

    def __init__(self, settings: Any, profiles: Any) -> None:
        self._settings = settings
        self._profiles = profiles

    def now(self, port: int) -> dict[str, Any]:
        """The printer as it is described at this moment."""
        appearance = plain(self._settings.global_get(["appearance"], merged=True) or {})
        return {
            "id": PRINTER,
            "name": str(appearance.get("name") or "OctoPrint"),
            "appearance": appearance,
            "host": self._host(port),
            "profile": self._profile(),
        }

    def _host(self, port: int) -> dict[str, Any]:
        host = {
            "name": platform.node(),
            "octoprint": str(octoprint.__version__),
            "plugin": VERSION,
            "python": platform.python_version(),
        }
        url = self._public_url(port)
        return {**host, "url": url} if url else host

    def _public_url(self, port: int) -> str | None:
        """The address that the user gave OctoPrint's discovery to announce; nobody else knows one."""
        said = [
            self._settings.global_get(["plugins", "discovery", key])
            for key in ("publicHost", "publicPort", "pathPrefix")
        ]
        public_host, public_port, prefix = said
        if not public_host:
            return None
        try:
            public_port = int(public_port or port)
        except ValueError:  # Whatever somebody wrote there.
            return None
        scheme = "https" if public_port == 443 else "http"
        shown_port = "" if public_port in (80, 443) else f":{public_port}"
        return f"{scheme}://{public_host}{shown_port}/{str(prefix or '').strip('/')}"

    def _profile(self) -> dict[str, Any]:
        try:
            profile = self._profiles.get_current_or_default()
            volume = profile.get("volume") or {}
            found = {
                "id": profile.get("id"),
                "profile": profile.get("name"),
                "model": profile.get("model"),
                **{side: volume.get(side) for side in ("width", "depth", "height")},
            }
        except Exception:  # A profile is a file that a user may have edited.
            return {}
        return {key: value for key, value in found.items() if value is not None}
