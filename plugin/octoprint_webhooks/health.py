"""Lets OctoPrint's health check say that webhooks cannot be sent, because the engine is missing or did not start."""

from __future__ import annotations

from typing import Any, Callable, Optional

KEY = "webhooks_engine"


def additional_checks(trouble: Callable[[], Optional[str]]) -> list[Any]:
    """The check, bound to where this plugin says what is wrong. OctoPrint makes an instance of it."""
    from octoprint.plugins.health_check.checks import CheckResult, HealthCheck, Result

    class EngineCheck(HealthCheck):
        key = KEY

        def perform_check(self, force: bool = False) -> Any:
            sentence = trouble()
            if sentence is None:
                return CheckResult()
            return CheckResult(result=Result.ISSUE, context={"message": sentence})

    return [EngineCheck]
