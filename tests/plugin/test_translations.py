"""What OctoPrint itself shows of this plugin is there in German, and compiled."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

PLUGIN = Path(__file__).parents[2] / "plugin" / "octoprint_webhooks"
CATALOGUE = PLUGIN / "translations" / "de" / "LC_MESSAGES"

IN_SOURCES = re.compile(r"""(?:\bgettext|\b_|\bSentence)\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")


def said() -> set[str]:
    """Every text that goes through OctoPrint's translation."""
    sources = [path for kind in ("*.py", "*.js", "*.jinja2") for path in PLUGIN.rglob(kind)]
    return {ast.literal_eval(text) for path in sources for text in IN_SOURCES.findall(path.read_text(encoding="utf-8"))}


def test_all_of_it_is_there_in_german() -> None:
    texts = said()
    assert {"Manage webhooks", "No webhooks are sent", "Webhooks are not sent"} <= texts, "the sources are read"
    with (CATALOGUE / "messages.mo").open("rb") as compiled:
        german = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    assert texts - set(german) == set()
    assert set(german) - texts - {""} == set()


def test_it_is_compiled_as_it_is_written() -> None:
    written = (CATALOGUE / "messages.po").read_text(encoding="utf-8")
    with (CATALOGUE / "messages.mo").open("rb") as compiled:
        german = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    pairs = re.findall(r'^msgid ("[^\n]+")\nmsgstr ("[^\n]+")$', written, flags=re.MULTILINE)
    assert {ast.literal_eval(key): ast.literal_eval(text) for key, text in pairs if key != '""'} == {
        key: text for key, text in german.items() if key
    }
