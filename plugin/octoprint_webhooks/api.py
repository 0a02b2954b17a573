"""The blueprint: hands requests of the browser to the engine, in process, after OctoPrint has checked who is asking.

In: a request under `/plugin/webhooks/`, past OctoPrint's login and CSRF checks. Out: the engine's answer. Here it is
only found out which rights the caller has; what they are needed for is the engine's table. Cookies and keys of
OctoPrint never reach the engine.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import flask
import octoprint.plugin
from octoprint.server.util.flask import credentials_checked_recently

from octoprint_webhooks import camera
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.permissions import permission
from octoprint_webhooks.printer_view import plain

if TYPE_CHECKING:
    from octohooks import Engine

MAX_BODY_BYTES = 2 * 1024 * 1024
"""OctoPrint's own limit of 100 KB is too small for a hook with much data."""

PASSED_HEADERS = ("Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "If-Match", "If-None-Match")
"""Headers of a request that the engine gets."""

METHODS_WITH_BODY = ("POST", "PUT", "PATCH")
"""Methods whose body the engine gets."""

_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"


def body_sizes(*_args: Any, **_kwargs: Any) -> list[tuple[str, str, int]]:
    """How large a request may be; OctoPrint puts the plugin's own address before the paths."""
    return [("POST", r"/api/v1/.*", MAX_BODY_BYTES), ("PUT", r"/api/v1/.*", MAX_BODY_BYTES)]


class Api(octoprint.plugin.BlueprintPlugin):
    """The plugin as OctoPrint's web server sees it."""

    complaints: Complaints

    def is_blueprint_protected(self) -> bool:
        """Guests are turned away before anything else; the rights are checked below."""
        return True

    def is_blueprint_csrf_protected(self) -> bool:
        """Everything that changes something carries OctoPrint's token."""
        return True

    @octoprint.plugin.BlueprintPlugin.route("/api/v1/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def engine_api(self, path: str) -> Any:
        """The engine's REST API."""
        return self._ask_engine(f"/api/v1/{path}")

    @octoprint.plugin.BlueprintPlugin.route("/pages/<path:path>", methods=["GET"])
    def engine_pages(self, path: str) -> Any:
        """The engine's web pages."""
        response = self._ask_engine(f"/pages/{path}")
        # As with OctoPrint's own files: with each of them its session's cookie would be a quarter of the page's weight.
        response.set_cookie = _no_cookie
        return response

    @octoprint.plugin.BlueprintPlugin.route("/native", methods=["GET"])
    def native_status(self) -> Any:
        """Whether there is an engine and where its page begins; if not, what is missing and what mends it."""
        if "view" not in self._rights():
            return _refused()
        return flask.jsonify(self.engine_status())

    @octoprint.plugin.BlueprintPlugin.route("/webcams", methods=["GET"])
    def webcams(self) -> Any:
        """The webcams that a webhook can have its pictures from."""
        if "view" not in self._rights():
            return _refused()
        try:
            return flask.jsonify({"webcams": camera.to_choose_from()})
        except Exception as error:  # Webcams come from plugins.
            self.complaints.about("Asking for webcams", error)
            return _problem(500, "webcams_failed", "OctoPrint could not tell its webcams; its log tells more.")

    @octoprint.plugin.BlueprintPlugin.route("/old-settings", methods=["DELETE"])
    def delete_old_settings(self) -> Any:
        """Removes the settings of 4.4.0 from config.yaml, once they have been taken over."""
        rights = self._rights()
        if "manage" not in rights:
            return _refused()
        if "fresh" not in rights:
            return _problem(403, "reauthenticate", "Please enter your password again.")
        if self.running_engine() is None:
            return _problem(
                409,
                "not_taken_over",
                "The old settings are not removed while the engine, which takes them over, does not run.",
            )
        self.remove_old_settings()
        return "", 204

    @octoprint.plugin.BlueprintPlugin.route("/old-settings/<any(look, take):step>", methods=["POST"])
    def import_old_settings(self, step: str) -> Any:
        """The settings of 4.4.0 once more, as if they came in a file: looked at, then taken, and never shown."""
        wish = flask.request.get_json(silent=True)
        file = {"file": plain(self.old_settings())}
        wanted = wish.get("take") if isinstance(wish, dict) else None
        body = json.dumps({**file, "take": wanted} if step == "take" else file, default=str)
        return self._ask_engine(f"/api/v1/hooks/import/{step}", body.encode())

    def engine_status(self) -> dict[str, Any]:
        """For the loader of the page. Given by the plugin."""
        raise NotImplementedError

    def running_engine(self) -> Engine | None:
        """The engine while it runs. Given by the plugin."""
        raise NotImplementedError

    def remove_old_settings(self) -> None:
        """Given by the plugin."""
        raise NotImplementedError

    def old_settings(self) -> Any:
        """Given by the plugin."""
        raise NotImplementedError

    def _ask_engine(self, path: str, body: bytes | None = None) -> Any:
        rights = self._rights()
        if not rights:
            return _refused()
        engine = self.running_engine()
        if engine is None:
            return _problem(503, "engine_missing", "The engine of the webhooks does not run; the page says why.")
        request = flask.request
        headers = [(name, request.headers[name]) for name in PASSED_HEADERS if name in request.headers]
        query = request.query_string.decode("ascii", "replace")
        if body is None:
            # OctoPrint's server keeps the bodies of other methods to itself; reading one fails.
            body = request.get_data() if request.method in METHODS_WITH_BODY else b""
        try:
            status, answered, content = engine.request(
                request.method, quote(path, safe=_PATH_CHARACTERS), query, headers, body, rights
            )
        except Exception as error:
            self.complaints.about("Asking the engine", error)
            return _problem(
                500, "engine_failed", "The engine of the webhooks could not answer; OctoPrint's log tells more."
            )
        return flask.current_app.response_class(content, status=status, headers=answered)

    def _rights(self) -> list[str]:
        try:
            rights = [right for right in ("view", "manage") if permission(right).can()]
        except AttributeError:  # Switched on while OctoPrint runs: it knows the rights after its restart.
            return []
        if rights and credentials_checked_recently():
            rights.append("fresh")
        return rights


def _no_cookie(*_: Any, **__: Any) -> None:
    """Says nothing to the browser; what it has stays."""


def _refused() -> Any:
    return _problem(403, "forbidden", "You do not have the permission for this.")


def _problem(status: int, code: str, message: str) -> Any:
    response = flask.jsonify({"error": {"code": code, "message": message, "problems": []}})
    response.status_code = status
    return response
