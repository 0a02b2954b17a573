"""What the predecessors of this plugin left in config.yaml: a block per schema, with secrets to look for."""

from __future__ import annotations

import json
from typing import Any

from harness import planted

SECRET = planted.OLD_API.text
HEADER_SECRET = planted.OLD_HEADER.text
OAUTH_SECRET = planted.OLD_OAUTH.text
PATH_SECRET = planted.OLD_PATH.in_url

DATA = {
    "deviceIdentifier": "@deviceIdentifier",
    "apiSecret": "@apiSecret",
    "topic": "@topic",
    "message": "@message",
    "extra": "@extra",
    "file": "File @job.file.name at @percentCompleteMilestone %",
}

MESSAGES = {
    "eventPrintStartedMessage": "Your print has started.",
    "eventPrintDoneMessage": "Your print is done.",
    "eventPrintFailedMessage": "Something went wrong and your print has failed.",
    "eventPrintPausedMessage": "Your print has paused. You might need to change the filament color.",
    "eventUserActionNeededMessage": "User action needed. You might need to change the filament color.",
    "eventPrintProgressMessage": "Your print is @percentCompleteMilestone % complete.",
    "eventErrorMessage": "There was an error.",
}


def hook(url: str, schema: int, **changed: Any) -> dict[str, Any]:
    """One hook with the keys that a version with that schema wrote."""
    keys: dict[str, Any] = {
        "url": url,
        "apiSecret": SECRET,
        "deviceIdentifier": "old printer",
        "eventPrintStarted": True,
        "eventPrintDone": True,
        "eventPrintFailed": True,
        "eventPrintPaused": True,
        "eventUserActionNeeded": True,
        "eventError": True,
        **MESSAGES,
        "headers": json.dumps({"Content-Type": "application/json", "Authorization": f"Bearer {HEADER_SECRET}"}),
        "data": json.dumps(DATA),
        "http_method": "POST",
        "content_type": "JSON",
        "oauth": False,
        "oauth_url": "",
        "oauth_headers": json.dumps({"Content-Type": "application/json"}),
        "oauth_data": json.dumps({"client_id": "me", "client_secret": OAUTH_SECRET}),
        "oauth_http_method": "POST",
        "oauth_content_type": "JSON",
        "test_event": "PrintStarted",
    }
    if schema >= 2:
        keys |= {"webhook_enabled": True, "event_print_progress": False, "event_print_progress_interval": "50"}
    if schema >= 3:
        keys["customEvents"] = [{"name": "MovieDone", "message": "Movie @extra.movie_basename"}]
    if schema >= 4:
        keys["event_cooldown"] = 0
    if schema >= 5:
        keys["verify_ssl"] = True
    return keys | changed


def block(schema: int, *urls: str) -> dict[str, Any]:
    """The block `plugins.webhooks` with a hook for each URL; schema 1 knows one."""
    if schema == 1:
        (url,) = urls
        return hook(url, 1)
    return {"settings_version": schema, "hooks": [hook(url, schema) for url in urls]}
