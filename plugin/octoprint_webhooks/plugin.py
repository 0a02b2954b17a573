"""The plugin: OctoPrint's mixins on one side, the engine on the other, and nothing that either of them could do itself.

The engine starts in `on_startup`. Not earlier, because OctoPrint initialises plugins for its command line too, where
a second engine would open the files of the running one; and the server's port is known only there. Events that come
before, such as `Startup` itself, wait in the bridge. It stops in `on_shutdown` and `on_plugin_disabled`, and may
start again. It also stops while a backup is restored, when all files are moved.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import octoprint.plugin

from octoprint_webhooks import backup
from octoprint_webhooks.api import Api
from octoprint_webhooks.bridge import Bridge
from octoprint_webhooks.camera import Camera
from octoprint_webhooks.complaints import Complaints
from octoprint_webhooks.description import Description
from octoprint_webhooks.metadata import Metadata
from octoprint_webhooks.movie import Movies
from octoprint_webhooks.native import Load, Missing
from octoprint_webhooks.page import Page
from octoprint_webhooks.permissions import permission
from octoprint_webhooks.printer_view import PrinterView, plain
from octoprint_webhooks.running import Running
from octoprint_webhooks.sentence import Sentence
from octoprint_webhooks.settings import OldSettings
from octoprint_webhooks.stage import Stage
from octoprint_webhooks.thumbnail import Thumbnails
from octoprint_webhooks.version import VERSION

if TYPE_CHECKING:
    from octohooks import Engine

CUSTOM_EVENTS = ("notify", "progress", "connection_lost", "trouble", "notify_over", "print_ended", "print_interrupted")
"""Events that this plugin fires, as `plugin_webhooks_<name>`. 4.4.0 fired the first two."""

SHUTDOWN_EVENT_SECONDS = 0.4
"""How long a stop waits for OctoPrint's own Shutdown event to pass by: a hook may ask for it."""

OBSERVER_SECONDS = 0.1
"""How long a stop waits for lines and progress on their way to the engine."""

RESTORED = Sentence("A backup was restored. Webhooks are sent again when OctoPrint has been restarted.")
"""Said when the backup is from before this version: its hooks are read at the next start of OctoPrint."""


class WebhooksPlugin(
    octoprint.plugin.StartupPlugin,
    octoprint.plugin.ShutdownPlugin,
    octoprint.plugin.EventHandlerPlugin,
    OldSettings,
    Page,
    Api,
):
    """Made once when OctoPrint loads the plugin."""

    def __init__(self, native: Load) -> None:
        super().__init__()
        self.complaints = Complaints()
        self.bridge = Bridge(self.complaints)
        self._native = native
        self._running: Running | None = None
        self._failure: Sentence | None = None
        self._port: int | None = None
        self._stopped_for_restore = False

    def initialize(self) -> None:
        """OctoPrint has injected what it offers."""
        self.bridge.look_at(PrinterView(self._printer))

    def on_startup(self, host: str, port: int) -> None:
        """The server listens."""
        self._stop()
        self._port = port
        self._start(port)

    def on_event(self, event: str, payload: Any) -> None:
        """On the one event thread of the server."""
        self.bridge.on_event(event, payload)

    def on_shutdown(self) -> None:
        """The server ends. This runs beside the event thread, which has its last events still before it."""
        if self._running is not None:
            self.bridge.saw_shutdown.wait(SHUTDOWN_EVENT_SECONDS)
        self._stop()

    def on_plugin_disabled(self) -> None:
        """The user switched the plugin off; OctoPrint goes on."""
        self._stop()

    def before_restore(self, *_args: Any, **_kwargs: Any) -> None:
        """OctoPrint is about to restore a backup. It calls this once more when it has done so."""
        if self._running is not None:
            self._stopped_for_restore = True
            self._stop(another_follows=True)

    def after_restore(self, *_args: Any, **_kwargs: Any) -> None:
        """OctoPrint has restored a backup, or failed to, which it does not always say. Also on its command line."""
        restored = backup.put_in_order()
        stopped, self._stopped_for_restore = self._stopped_for_restore, False
        if not stopped or self._port is None:
            return
        if restored and not backup.has_hooks():
            # The hooks are still in the old form, in settings that OctoPrint has not read yet.
            self._failure = RESTORED
            self.bridge.give_up()
            return
        self._start(self._port)

    def trouble(self) -> list[Sentence]:
        """What is wrong if no webhook can be sent, for the health check."""
        if isinstance(self._native, Missing):
            return self._native.sentences
        return [self._failure] if self._failure is not None else []

    def delivery_troubles(self) -> list[str]:
        """Sentences about webhooks that are not sent, for the health check."""
        engine = self.running_engine()
        return engine.troubles() if engine is not None else []

    def running_engine(self) -> Engine | None:
        """The engine while it runs."""
        return self._running.engine if self._running is not None else None

    def engine_status(self) -> dict[str, Any]:
        """For the loader of the page."""
        missing = self._native if isinstance(self._native, Missing) else None
        engine = self.running_engine()
        return {
            "version": VERSION,
            "page_entry": engine.page_entry() if engine is not None else None,
            "missing": {"reason": str(missing.reason), "platform": missing.platform, "command": missing.command}
            if missing
            else None,
            "failure": str(self._failure) if self._failure is not None else None,
            "said": [sentence.told() for sentence in self.trouble()],
            "old_settings": bool(self.old_settings()),
        }

    def _start(self, port: int) -> None:
        if isinstance(self._native, Missing):
            self._logger.warning(" ".join(str(sentence) for sentence in self._native.sentences))
            self.bridge.give_up()
            return
        backup.put_in_order()
        metadata = Metadata(self._file_manager)
        try:
            running = Running(
                self._native,
                self._options(port),
                metadata=metadata,
                camera=Camera(),
                thumbnails=Thumbnails(self._file_manager, metadata),
                stage=Stage(self._printer),
                movies=Movies(lambda: str(self._settings.global_get_basefolder("timelapse"))),
                fire=self._event_bus.fire,
                tell_browsers=self._tell_browsers,
                logger=self._logger,
                complaints=self.complaints,
            )
        except Exception as error:
            self._failure = Sentence("The engine of the webhooks did not start: %(error)s", {"error": str(error)})
            self._logger.warning(str(self._failure))
            self.bridge.give_up()
            return
        self._failure = None
        self._running = running
        self.bridge.connect(running.engine, self._describe_printer)

    def _stop(self, *, another_follows: bool = False) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        self.bridge.disconnect(OBSERVER_SECONDS)
        if another_follows:
            self.bridge.wait_for_another()
        running.stop()

    def _options(self, port: int) -> str:
        now = PrinterView(self._printer).now()
        options = {
            "data_folder": self.get_plugin_data_folder(),
            "version": VERSION,
            "printer": self._description(port),
            "old_settings": plain(self.old_settings()),
            "own_ports": [port],
            "context": plain({key: now[key] for key in ("state", "job", "progress") if key in now}),
        }
        return json.dumps(options, default=str)

    def _description(self, port: int) -> dict[str, Any]:
        return Description(self._settings, self._printer_profile_manager).now(port)

    def _describe_printer(self) -> None:
        """The printer's name may have changed, or its profile. Reads settings: on the observer's thread."""
        engine = self.running_engine()
        if engine is not None and self._port is not None:
            engine.set_printer(plain(self._description(self._port)))

    def _tell_browsers(self, right: str, data: Any) -> None:
        self._plugin_manager.send_plugin_message(self._identifier, data, permissions=[permission(right)])
