"""One message per print that changes, as a chat gets it that keeps its messages the way Discord documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import Behaviour, Client, Receiver, Start, Webcam, gcode
from harness.receiver import Received
from harness.webcam import FURTHER, SMALL, size_of

NUMBER, TOKEN = "1187654321098765432", "k3Y_-" * 13
BASE = f"/api/webhooks/{NUMBER}/{TOKEN}"


def payload(request: Received) -> dict[str, Any]:
    """A message as Discord reads it: beside its files, or by itself."""
    is_form = "multipart" in (request.header("Content-Type") or "")
    return dict(json.loads(request.multipart()["payload_json"].text) if is_form else request.json())


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

    def goes_down(self) -> None:
        """It answers nothing to changes of its first message until `comes_back`."""
        self.receiver.answers(self.message(1), Behaviour(status=503))

    def comes_back(self) -> None:
        """It takes changes of its first message again."""
        self.receiver.answers(self.message(1), Behaviour.of_json({"id": "1"}))

    def taken(self) -> list[tuple[str, str, str]]:
        """What was heard and not refused, progress left out."""
        answered = zip(self.receiver, self.heard(), strict=True)
        return [heard for one, heard in answered if one.answered == 200 and heard[2] != "**Print Progress**"]

    def heard(self) -> list[tuple[str, str, str]]:
        """Method, path behind the webhook's, and the first line of each message, in order."""
        return [
            (one.method, one.path.removeprefix(BASE), payload(one)["content"].split("\n")[0]) for one in self.receiver
        ]

    def wait_for(self, topic: str) -> None:
        """Until that was told."""
        self.receiver.wait_for(where=lambda one: payload(one)["content"].startswith(f"**{topic}**"), timeout=60)


def _hook(
    admin: Client, receiver: Receiver, mode: str = "change", more: tuple[str, ...] = (), **picture: Any
) -> dict[str, Any]:
    """What the page makes of the answers for Discord, sent to this machine."""
    wish = {
        "answers": {"webhook": f"https://discord.com/api/webhooks/{NUMBER}/{TOKEN}"},
        "events": ["print_started", "print_progress", "print_done", *more],
        "follow_up": mode,
        "picture": bool(picture),
    }
    hook = admin.api("POST", "/services/discord/draft", json=wish)["hook"]
    assert (hook["follow_up"]["mode"], hook["progress_interval_percent"]) == (mode, 5)
    here = json.loads(json.dumps(hook).replace("https://discord.com", receiver.url("").rstrip("/")))
    here["picture"] = here.get("picture", {}) | picture
    return dict(admin.api("POST", "/hooks", json=here | {"progress_interval_percent": 20}, expect=201))


def test_a_print_is_one_message_that_changes_and_its_end_a_new_one(admin: Client, receiver: Receiver) -> None:
    discord = Discord(receiver)
    _hook(admin, receiver)
    admin.upload_and_print(gcode.paced(120), "changing.gcode")
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
    admin.upload_and_print(gcode.paced(120), "deleted.gcode")
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


def test_a_change_of_discord_names_the_pictures_of_all_cameras(
    admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    discord = Discord(receiver)
    _hook(admin, receiver, camera="*", file_name="camera @pictureNumber")
    admin.upload_and_print(gcode.paced(120), "cameras.gcode")
    discord.wait_for("Print Done")
    admin.wait_for_state("Operational")
    changes = receiver.matching(discord.message(1))
    assert len(changes) >= 3
    for change in changes:
        parts = change.multipart()
        files = {name: part.filename for name, part in parts.items() if part.filename}
        assert files == {"files[0]": "camera 1.jpg", "files[1]": "camera 2.jpg"}
        assert sorted(size_of(parts[name].body) for name in files) == sorted([SMALL, FURTHER])
        named = [{"id": 0, "filename": "camera 1.jpg"}, {"id": 1, "filename": "camera 2.jpg"}]
        assert payload(change)["attachments"] == named


def test_a_change_of_telegram_takes_one_picture_and_the_delivery_says_so(
    admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    wish = {
        "answers": {"token": f"123456789:{TOKEN[:35]}", "chat": "42", "server": receiver.url("").rstrip("/")},
        "events": ["print_started", "print_progress", "print_done"],
        "follow_up": "change",
        "picture": True,
    }
    hook = admin.api("POST", "/services/telegram/draft", json=wish)["hook"]
    bot = f"/bot123456789:{TOKEN[:35]}"
    for method in ("sendPhoto", "editMessageMedia"):
        receiver.answers(f"{bot}/{method}", Behaviour.of_json({"ok": True, "result": {"message_id": 7}}))
    hook["picture"]["camera"] = "*"
    admin.api("POST", "/hooks", json=hook | {"progress_interval_percent": 20}, expect=201)
    admin.upload_and_print(gcode.paced(120), "album.gcode")
    receiver.wait_for(f"{bot}/sendPhoto", count=2, timeout=60)
    admin.wait_for_state("Operational")
    changes = receiver.matching(f"{bot}/editMessageMedia")
    assert len(changes) >= 3
    for sent in [*receiver.matching(f"{bot}/sendPhoto"), *changes]:
        assert [name for name, part in sent.multipart().items() if part.filename] == ["photo"]
    told = admin.wait_for_delivery(topic="Print Progress", state="delivered")
    assert "1 of 2 pictures went along: there is no room for more." in told["message"]


def test_a_kill_amid_a_print_forgets_no_message(start: Start, receiver: Receiver, another_receiver: Receiver) -> None:
    server = start()
    admin = server.admin
    with_sound, silent = Discord(receiver), Discord(another_receiver)
    _hook(admin, receiver, "change", ("print_paused", "print_interrupted"))
    _hook(admin, another_receiver, "change_all", ("print_paused", "print_interrupted"))
    admin.upload_and_print(gcode.paced(400), "killed.gcode")
    for discord in (with_sound, silent):
        discord.wait_for("Print Started")
    book = server.data_folder / "state" / "messages.json"
    admin.wait_for("both messages being written down", lambda: book.exists() and len(json.loads(book.read_text())) == 2)
    for discord in (with_sound, silent):
        discord.goes_down()
    admin.pause()
    for discord in (with_sound, silent):
        discord.wait_for("Print Paused")
    admin.wait_for("both waiting", lambda: admin.status()["counts"]["waiting"] == 2)

    server.kill()
    for discord in (with_sound, silent):
        discord.comes_back()
    server.start()
    for discord in (with_sound, silent):
        discord.wait_for("Print Interrupted")
    before = [("POST", "", "**Print Started**"), ("PATCH", "/messages/1", "**Print Paused**")]
    assert with_sound.taken() == [*before, ("POST", "", "**Print Interrupted**")]
    assert silent.taken() == [*before, ("PATCH", "/messages/1", "**Print Interrupted**")]

    server.admin.upload_and_print(gcode.paced(60), "next.gcode")
    for discord in (with_sound, silent):
        discord.wait_for("Print Done")
    assert with_sound.taken()[3:] == [("POST", "", "**Print Started**"), ("POST", "", "**Print Done**")]
    assert silent.taken()[3:] == [("POST", "", "**Print Started**"), ("PATCH", "/messages/2", "**Print Done**")]


@pytest.mark.parametrize("mode", ["change", "thread"])
def test_a_bot_of_slack_changes_its_message_or_answers_it(admin: Client, receiver: Receiver, mode: str) -> None:
    wish = {
        "answers": {"token": "xoxb-1234567890-abcdefghijklmnop", "channel": "C0123456789"},
        "events": ["print_started", "print_progress", "print_done"],
        "follow_up": mode,
    }
    hook = admin.api("POST", "/services/slack_bot/draft", json=wish)["hook"]
    here = json.loads(json.dumps(hook).replace("https://slack.com", receiver.url("").rstrip("/")))
    ts = "1503435956.000247"
    for method in ("chat.postMessage", "chat.update"):
        receiver.answers(f"/api/{method}", Behaviour.of_json({"ok": True, "channel": "C0123456789", "ts": ts}))
    admin.api("POST", "/hooks", json=here | {"progress_interval_percent": 20}, expect=201)
    admin.upload_and_print(gcode.paced(120), "slack.gcode")
    receiver.wait_for(where=lambda one: one.json()["text"].startswith("Print Done"), timeout=60)
    admin.wait_for_state("Operational")

    heard = [(one.path.removeprefix("/api/chat."), one.json()) for one in receiver]
    (first, started), *following, (last, done) = heard
    assert (first, started["channel"], "thread_ts" in started) == ("postMessage", "C0123456789", False)
    assert started["text"].startswith("Print Started")
    assert len(following) >= 3
    if mode == "change":
        assert {(path, body["ts"]) for path, body in following} == {("update", ts)}
        assert (last, "ts" in done) == ("postMessage", False)
    else:
        assert {(path, body["thread_ts"]) for path, body in [*following, (last, done)]} == {("postMessage", ts)}


@pytest.mark.parametrize("mode", ["change", "thread"])
def test_a_bot_of_telegram_changes_its_message_or_answers_it(admin: Client, receiver: Receiver, mode: str) -> None:
    wish = {
        "answers": {"token": f"123456789:{TOKEN[:35]}", "chat": "42", "server": receiver.url("").rstrip("/")},
        "events": ["print_started", "print_progress", "print_done"],
        "follow_up": mode,
    }
    hook = admin.api("POST", "/services/telegram/draft", json=wish)["hook"]
    bot = f"/bot123456789:{TOKEN[:35]}/"
    for method in ("sendMessage", "editMessageText"):
        receiver.answers(bot + method, Behaviour.of_json({"ok": True, "result": {"message_id": 7}}))
    admin.api("POST", "/hooks", json=hook | {"progress_interval_percent": 20}, expect=201)
    admin.upload_and_print(gcode.paced(120), "telegram.gcode")
    receiver.wait_for(where=lambda one: one.json()["text"].startswith("Print Done"), timeout=60)
    admin.wait_for_state("Operational")

    heard = [(one.path.removeprefix(bot), one.json()) for one in receiver]
    (first, started), *following, (last, done) = heard
    assert (first, started) == ("sendMessage", started | {"chat_id": "42"})
    assert not {"message_id", "reply_parameters"} & set(started)
    assert len(following) >= 3
    if mode == "change":
        assert {(path, str(body["message_id"])) for path, body in following} == {("editMessageText", "7")}
        assert (last, "message_id" in done) == ("sendMessage", False)
    else:
        answers = {(path, str(body["reply_parameters"]["message_id"])) for path, body in [*following, (last, done)]}
        assert answers == {("sendMessage", "7")}
