"""The native module. Its other side is the crate octohooks-py; `stubtest` compares the two."""

from typing import final

__all__ = ["VERSION", "Engine", "EngineError"]

VERSION: str
"""The version of the engine, the same as the plugin's."""

class EngineError(Exception):
    """Every failure of the engine, a panic included; its text is a sentence for the user."""

@final
class Engine:
    """One engine with its own thread. Every method may be called from any thread, also after `stop`."""

    def __new__(cls, options: str) -> Engine:
        """Starts the engine.

        `options` is JSON: `data_folder`, `version`, `printer` (`id`, `name`, `appearance`, `host`, `profile`),
        `old_settings` (the raw block of config.yaml or null), `own_ports`, and `context` (what the printer says of
        itself now). Raises `EngineError`.
        """

    def wants(self, event: str) -> int:
        """Who wants an event: 0 nobody, 1 name and payload are enough, 2 with context. Takes microseconds."""

    def wants_progress(self) -> bool:
        """Whether any enabled hook has to know of progress."""

    def observe_event(self, name: str, payload: object, context: object) -> None:
        """Something happened. Copies at once; what is no dict, list, str, number, bool or None becomes its `str()`."""

    def observe_progress(self, context: object) -> None:
        """The progress of the print has changed."""

    def observe_line(self, line: str, context: object) -> None:
        """The printer said a line that may ask for a person."""

    def observe_temperatures(self, context: object) -> None:
        """The printer has told its temperatures."""

    def wants_lines(self) -> bool:
        """Whether any enabled hook waits for lines of the terminal. Takes less than a microsecond."""

    def wants_layers(self) -> bool:
        """Whether any enabled hook has to know which layer is printed."""

    def matching_lines(self, lines: list[str]) -> list[str]:
        """Which of these lines some hook waits for. Without the GIL; not for a thread that prints."""

    def observe_terminal_line(self, line: str, context: object) -> None:
        """The printer said a line that some hook waits for."""

    def read_layers(self, origin: str, path: str, file: str) -> None:
        """The answer to a notice `layers`: reads the file, without the GIL. Raises `EngineError`."""

    def observe_gcode(self, line: str, context: object) -> None:
        """The print said something: a line with `M117`, `M118`, or `@webhook`."""

    def set_printer(self, printer: object) -> None:
        """The printer is called differently from now on, or something else changed that `options` told of it."""

    def next_notice(self, timeout_ms: int) -> str | None:
        """What the engine has to say, as JSON; None when nothing came in time. Waits without the GIL."""

    def answer_metadata(self, ticket: str, metadata: object) -> None:
        """The answer to a notice `metadata`; None: there is none."""

    def answer_pictures(
        self, ticket: str, shots: list[tuple[bytes | None, bool, bool, bool, str | None]], note: str | None
    ) -> None:
        """The answer to a notice `picture`: of each camera the JPEG, its flips and its turn, or why there is none.
        Makes them fit, without the GIL: only for threads that may block."""

    def answer_thumbnail(self, ticket: str, picture: bytes | None, file: str | None, error: str | None) -> None:
        """The answer to a notice `thumbnail`: the picture, or the file to look into. Reads it without the GIL: only for
        threads that may block."""

    def answer_movie(self, ticket: str, file: str | None) -> None:
        """The answer to a notice `movie`: where the file lies, None: there is none. Reads it without the GIL: only for
        threads that may block."""

    def request(
        self, method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes, rights: list[str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """One request to the API or the pages; `rights` out of `view`, `manage`, `fresh`. Waits without the GIL."""

    def troubles(self) -> list[str]:
        """What keeps hooks from being sent, or events from being safe, a sentence each; empty while all is well."""

    def page_entry(self) -> str:
        """Where the page begins, relative to the address of the blueprint: `pages/<hash>/main.js`."""

    def stop(self, deadline_ms: int) -> None:
        """Stops the engine within the deadline. Doing so twice does no harm; what is observed afterwards is ignored."""
