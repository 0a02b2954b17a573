"""One message per print that changes, as a chat gets it that keeps its messages the way Discord documents."""

from __future__ import annotations

import json
from typing import Any

from harness import Behaviour, Client, Receiver, gcode
from harness.receiver import Received

NUMBER, TOKEN = "1187654321098765432", "k3Y_-" * 13
BASE = f"/api/webhooks/{NUMBER}/{TOKEN}"


class Discord:
    """Names each message that is posted, and lets it be changed until it is deleted."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.made = 0
        receiver.answers(BASE, Behaviour(echo=self._make))

    def _make(self, _request: Received) -> bytes:
        self.made += 1
        self.receiver.answers(self.message(self.made), Behaviour.of_json({"id": str(self.made)}))
        return json.dumps({"id": str(self.made), "channel_id": "1"}).encode()

    def message(self, number: int) -> str:
        """The path of a message."""
        return f"{BASE}/messages/{number}"

    def delete(self, number: int) -> None:
        """Somebody deletes it."""
        gone = {"message": "Unknown Message", "code": 10008}
        self.receiver.answers(self.message(number), Behaviour.of_json(gone, status=404))

    def heard(self) -> list[tuple[str, str, str]]:
        """Method, path behind the webhook's, and the first line of each message, in order."""
        return [
            (one.method, one.path.removeprefix(BASE), one.json()["content"].split("\n")[0]) for one in self.receiver
        ]

    def wait_for(self, topic: str) -> None:
        """Until that was told."""
        self.receiver.wait_for(where=lambda one: one.json()["content"].startswith(f"**{topic}**"), timeout=60)


def _hook(admin: Client, receiver: Receiver) -> dict[str, Any]:
    """What the page makes of the answers for Discord, sent to this machine."""
    wish = {
        "answers": {"webhook": f"https://discord.com/api/webhooks/{NUMBER}/{TOKEN}"},
        "events": ["print_started", "print_progress", "print_done"],
        "follow_up": "change",
    }
    hook = admin.api("POST", "/services/discord/draft", json=wish)["hook"]
    assert (hook["follow_up"]["mode"], hook["progress_interval_percent"]) == ("change", 5)
    here = json.loads(json.dumps(hook).replace("https://discord.com", receiver.url("").rstrip("/")))
    return dict(admin.api("POST", "/hooks", json=here | {"progress_interval_percent": 20}, expect=201))


def test_a_print_is_one_message_that_changes_and_its_end_a_new_one(admin: Client, receiver: Receiver) -> None:
    discord = Discord(receiver)
    _hook(admin, receiver)
    admin.upload_and_print(gcode.paced(60), "changing.gcode")
    discord.wait_for("Print Done")
    admin.wait_for_state("Operational")
    started, *progress, done = discord.heard()
    assert started == ("POST", "", "**Print Started**")
    assert done == ("POST", "", "**Print Done**")
    assert set(progress) == {("PATCH", "/messages/1", "**Print Progress**")}
    assert len(progress) >= 3
    percents = [one.json()["content"] for one in receiver.matching(discord.message(1))]
    assert len(set(percents)) == len(percents), "each says something else"
    told = admin.wait_for_delivery(topic="Print Progress", state="delivered")
    assert told["message"].endswith("It went to message 1 of this print.")
    first = admin.wait_for_delivery(topic="Print Started", state="delivered")
    assert first["message"].endswith("It is message 1, where the rest of this print goes.")


def test_a_message_that_somebody_deletes_is_followed_by_a_new_one(admin: Client, receiver: Receiver) -> None:
    discord = Discord(receiver)
    _hook(admin, receiver)
    admin.upload_and_print(gcode.paced(80), "deleted.gcode")
    discord.wait_for("Print Started")
    receiver.wait_for(discord.message(1))
    discord.delete(1)
    discord.wait_for("Print Done")
    admin.wait_for_state("Operational")
    heard = discord.heard()
    posted = [index for index, (method, _, _) in enumerate(heard) if method == "POST"]
    assert [heard[index][2] for index in posted] == ["**Print Started**", "**Print Progress**", "**Print Done**"]
    anew = posted[1]
    assert heard[anew - 1][:2] == ("PATCH", "/messages/1")
    assert receiver.matching(discord.message(1))[-1].answered == 404
    assert {path for _, path, _ in heard[anew + 1 : -1]} == {"/messages/2"}, "the next ones change the new message"
