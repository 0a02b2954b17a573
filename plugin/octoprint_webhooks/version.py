"""The version of the plugin. The engine that it works with has exactly the same."""

from __future__ import annotations

VERSION = "5.0.0"
