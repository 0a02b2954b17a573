"""Lets OctoPrint's health check say that webhooks are not sent: the engine is missing, or some of them do not work."""

from __future__ import annotations

from typing import Any, Callable

from octoprint_webhooks.sentence import Sentence

ENGINE_KEY = "webhooks_engine"
DELIVERY_KEY = "webhooks_delivery"


def additional_checks(engine_trouble: Callable[[], list[Sentence]], troubles: Callable[[], list[str]]) -> list[Any]:
    """The checks, bound to where this plugin says what is wrong. OctoPrint makes an instance of each."""
    from octoprint.plugins.health_check.checks import CheckResult, HealthCheck, Result

    class EngineCheck(HealthCheck):
        key = ENGINE_KEY

        def perform_check(self, force: bool = False) -> Any:
            sentences = engine_trouble()
            if not sentences:
                return CheckResult()
            message = " ".join(str(sentence) for sentence in sentences)
            said = [sentence.told() for sentence in sentences]
            return CheckResult(result=Result.ISSUE, context={"message": message, "said": said})

    class DeliveryCheck(HealthCheck):
        key = DELIVERY_KEY

        def perform_check(self, force: bool = False) -> Any:
            sentences = troubles()
            if not sentences:
                return CheckResult()
            return CheckResult(result=Result.WARNING, context={"messages": sentences})

    return [EngineCheck, DeliveryCheck]
