"""The engine of OctoPrint-Webhooks for Python. Importing it loads the native module and does nothing else."""

from __future__ import annotations

from octohooks._octohooks import VERSION, Engine, EngineError

__all__ = ["VERSION", "Engine", "EngineError"]
