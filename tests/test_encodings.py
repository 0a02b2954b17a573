"""The bytes of a request: method, URL, headers, body, for every way in which data can be sent."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any

import pytest

from harness import Client, Received, Receiver, Webcam, gcode, planted
from harness.webcam import picture

EVENT = "HarnessEvent"
EXTRA = {
    "number": 5,
    "text": "a b&c=d/ä",
    "flag": True,
    "null": None,
    "list": [1, "two"],
    "object": {"x": {"y": 1.5}},
    "own": "x @extra.own @message .gcode",
}


def sent(
    admin: Client, receiver: Receiver, path: str = "/hook", message: str = "It is @topic", **fields: Any
) -> Received:
    """What a hook with these fields sends for one event."""
    admin.create_hook(receiver.url(path), events=(), custom_events=[{"event": EVENT, "message": message}], **fields)
    admin.fire(EVENT, EXTRA)
    return receiver.wait_for_one()


def test_json_keeps_shape_and_types(admin: Client, receiver: Receiver) -> None:
    data = {
        "number": "@extra.number",
        "in text": "n=@extra.number.",
        "flag": "@extra.flag",
        "flag in text": "is @extra.flag",
        "null": "@extra.null",
        "null in text": "[@extra.null]",
        "object": "@extra.object",
        "object in text": "o=@extra.object",
        "path": "@extra.object.x.y",
        "nested": {"list": ["@extra.list", {"deep": "@topic"}, 1.5, True, None]},
        "unknown": "@nothing",
        "missing": "@extra.nope",
        "fixed": 12,
    }
    request = sent(admin, receiver, data=data)

    assert request.method == "POST"
    assert request.header("Content-Type") == "application/json"
    assert request.header("Content-Length") == str(len(request.body))
    assert request.json() == {
        "number": 5,
        "in text": "n=5.",
        "flag": True,
        "flag in text": "is true",
        "null": None,
        "null in text": "[]",
        "object": {"x": {"y": 1.5}},
        "object in text": 'o={"x":{"y":1.5}}',
        "path": 1.5,
        "nested": {"list": [[1, "two"], {"deep": "Custom Event"}, 1.5, True, None]},
        "unknown": "",
        "missing": "",
        "fixed": 12,
    }
    assert list(request.json()) == list(data), "the order of the keys is the user's"


def test_what_json_does_not_know_arrives_as_text_and_what_is_too_much_is_cut(admin: Client, receiver: Receiver) -> None:
    odd = "plugin_ticker_odd"
    custom = [{"event": odd, "message": ""}]
    admin.create_hook(receiver.url("/hook"), events=(), custom_events=custom, data={"extra": "@extra"})
    admin.fire_odd(odd)
    seen = receiver.wait_for_one().json()["extra"]

    deep, many, long = seen.pop("deep"), seen.pop("many"), seen.pop("long")
    assert seen.pop("half a character").replace("\ufffd", "") == "ab"
    assert seen == {
        "quoted": 'tab\t"\\\x01é🖨',
        "infinite": None,
        "no number": None,
        "tenths": 0.1 + 0.2,
        "exact": 5e-324,
        "large": 2**63,
        "larger": str(10**30),
        "bytes": "\ufffd!",
        "tuple": [1, None, True],
        "empty": [{}, [], []],
        "7": "a number's",
        "(1, 2)": "a tuple's",
        "set": "{1}",
        "mapping": {"inner": 1},
    }
    assert long == "x" * 256 * 1024
    depth = 0
    while deep:
        [deep] = deep
        depth += 1
    assert 20 < depth < 30, "and not a hundred"
    assert many == list(range(len(many)))
    assert 19_000 < len(many) < 20_000


def test_json_with_a_list_at_its_root(admin: Client, receiver: Receiver) -> None:
    request = sent(admin, receiver, data=["@topic", {"message": "@message"}])

    assert request.json() == ["Custom Event", {"message": "It is Custom Event"}]


def test_the_data_of_a_new_hook_are_the_five_documented_keys(admin: Client, receiver: Receiver) -> None:
    request = sent(admin, receiver, device_identifier="left printer", api_secret=planted.API.text)

    assert request.json() == {
        "deviceIdentifier": "left printer",
        "apiSecret": planted.API.text,
        "topic": "Custom Event",
        "message": "It is Custom Event",
        "extra": EXTRA,
    }


def test_form_with_nested_values_as_json_text(admin: Client, receiver: Receiver) -> None:
    data = {
        "topic": "@topic",
        "text": "@extra.text",
        "number": "@extra.number",
        "flag": "@extra.flag",
        "null": "@extra.null",
        "nested": {"of": ["@extra.number", {"deep": "@topic"}]},
        "object": "@extra.object",
    }
    request = sent(admin, receiver, content_type="form", data=data)

    assert request.header("Content-Type") == "application/x-www-form-urlencoded"
    pairs = dict(request.form())
    assert len(pairs) == len(request.form())
    assert json.loads(pairs.pop("nested")) == {"of": [5, {"deep": "Custom Event"}]}
    assert json.loads(pairs.pop("object")) == {"x": {"y": 1.5}}
    assert pairs == {"topic": "Custom Event", "text": "a b&c=d/ä", "number": "5", "flag": "true"}


def test_get_appends_the_data_to_the_query(admin: Client, receiver: Receiver) -> None:
    data = {
        "topic": "@topic",
        "text": "@extra.text",
        "flag": "@extra.flag",
        "null": "@extra.null",
        "list": "@extra.list",
        "object": "@extra.object",
    }
    request = sent(admin, receiver, "/hook?kept=1&empty=", method="GET", data=data)

    assert (request.method, request.path, request.body) == ("GET", "/hook", b"")
    pairs = request.query
    objects = [json.loads(value) for key, value in pairs if key == "object"]
    assert objects == [{"x": {"y": 1.5}}]
    assert [pair for pair in pairs if pair[0] != "object"] == [
        ("kept", "1"),
        ("empty", ""),
        ("topic", "Custom Event"),
        ("text", "a b&c=d/ä"),
        ("flag", "true"),
        ("list", "1"),
        ("list", "two"),
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_methods_with_a_body(admin: Client, receiver: Receiver, method: str) -> None:
    request = sent(admin, receiver, method=method, data={"topic": "@topic"})

    assert request.method == method
    assert request.json() == {"topic": "Custom Event"}


def test_multipart_when_the_snapshot_stands_on_the_first_level(
    admin: Client, receiver: Receiver, webcam: Webcam
) -> None:
    data = {"topic": "@topic", "number": "@extra.number", "nested": {"list": ["@extra.flag"]}, "pic": "@snapshot"}
    headers = {"Content-Type": "application/json", "X-Kept": "yes"}
    request = sent(admin, receiver, data=data, headers=headers)

    assert request.method == "POST"
    assert request.header("X-Kept") == "yes"
    parts = request.multipart()
    assert set(parts) == {"topic", "number", "nested", "pic"}
    assert parts["topic"].text == "Custom Event"
    assert parts["topic"].filename is None
    assert parts["number"].text == "5"
    assert json.loads(parts["nested"].body) == {"list": [True]}
    assert (parts["pic"].filename, parts["pic"].content_type) == ("snapshot.jpg", "image/jpeg")
    assert parts["pic"].body == picture(), "nothing had to change, so nothing did"


@pytest.mark.parametrize(
    ("content_type", "written", "expected"),
    [
        ("json", None, "application/json"),
        ("json", "application/json charset=utf8;", "application/json charset=utf8;"),
        ("json", "application/yoyo", "application/json"),
        ("form", None, "application/x-www-form-urlencoded"),
        ("form", "application/json", "application/x-www-form-urlencoded"),
        (
            "form",
            "application/x-www-form-urlencoded; charset=utf-8",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
    ],
)
def test_the_content_type_is_right(
    admin: Client, receiver: Receiver, content_type: str, written: str | None, expected: str
) -> None:
    headers = {"X-Content-Type-Options": "nosniff"} | ({"content-type": written} if written else {})
    request = sent(admin, receiver, content_type=content_type, headers=headers)

    assert request.header("Content-Type") == expected
    assert request.header("X-Content-Type-Options") == "nosniff"


def test_variables_in_headers(admin: Client, receiver: Receiver) -> None:
    headers = {
        "Authorization": "Bearer @apiSecret",
        "X-Title": "@topic on @deviceIdentifier",
        "X-Number": "@extra.number",
    }
    request = sent(admin, receiver, headers=headers, api_secret=planted.API.text, device_identifier="left")

    assert request.header("Authorization") == f"Bearer {planted.API.text}"
    assert request.header("X-Title") == "Custom Event on left"
    assert request.header("X-Number") == "5"


def test_the_plugin_introduces_itself(admin: Client, receiver: Receiver) -> None:
    request = sent(admin, receiver)

    assert re.fullmatch(r"OctoPrint-Webhooks/5\.\d+\.\d+\S*", request.header("User-Agent") or "")
    assert request.header("Host") == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("@everyone print done", "@everyone print done"),
        ("<@123456> @topic", "<@123456> Custom Event"),
        ("@@topic is @topic", "@topic is Custom Event"),
        ("me@example.com and me@state.gov", "me@example.com and me@state.gov"),
        ("@topic, on @deviceIdentifier.", "Custom Event, on left."),
        ("@topic\nJob @extra.number", "Custom Event\nJob 5"),
        ("(@topic)-@topic!", "(Custom Event)-Custom Event!"),
        ("http://user:pass@host/x", "http://user:pass@host/x"),
        ("@extra.own", "x @extra.own @message .gcode"),
        ("own: @extra.own", "own: x @extra.own @message .gcode"),
        ("@message", "It is Custom Event"),
        ("@meta.statistics.nope", ""),
        ("[@extra.null.deeper] [@extra.text.deeper]", "[] []"),
    ],
)
def test_text_with_variables(admin: Client, receiver: Receiver, written: str, expected: str) -> None:
    request = sent(admin, receiver, data={"value": written}, device_identifier="left")

    assert request.json() == {"value": expected}


def test_a_message_is_a_template_and_its_values_are_not(admin: Client, receiver: Receiver) -> None:
    request = sent(admin, receiver, message="@extra.own and @message at @topic", data={"m": "@message"})

    assert request.json()["m"].startswith("x @extra.own @message .gcode and ")
    assert request.json()["m"].endswith(" at Custom Event")


@pytest.mark.parametrize("name", ["part@2x.gcode", "x @job.file.name .gcode"])
def test_a_file_name_with_an_at_arrives_whole(admin: Client, receiver: Receiver, name: str) -> None:
    data = {"whole": "@job.file.name", "text": "Printing @job.file.name now", "name": "@extra.name"}
    admin.create_hook(receiver.url("/hook"), events=("print_started",), data=data)
    stored = admin.upload_and_print(gcode.tiny(), name)
    assert "@" in stored

    expected = {"whole": stored, "text": f"Printing {stored} now", "name": stored}
    assert receiver.wait_for_one().json() == expected
    admin.wait_for_event("PrintDone")


def test_what_the_printer_and_the_file_are_like(admin: Client, receiver: Receiver) -> None:
    data = {
        "printer": "@printerName",
        "look": "@appearance.name",
        "temperatures": "@temperatures",
        "offsets": "@offsets",
        "meta": "@meta",
        "z": "@currentZ",
        "eta": "@eta",
        "time": "@currentTime",
    }
    admin.create_hook(receiver.url("/hook"), events=("print_done",), data=data)
    admin.read_temperatures()
    admin.upload_and_print(gcode.tiny())
    body = receiver.wait_for_one().json()
    admin.wait_for_event("PrintDone")

    assert (body["printer"], body["look"]) == ("Test printer", "Test printer")
    assert isinstance(body["temperatures"]["tool0"]["actual"], float)
    assert isinstance(body["meta"], dict)
    assert isinstance(body["offsets"], dict)
    assert isinstance(body["time"], int)
    assert set(body) == set(data)


def test_variables_in_the_url_are_escaped_for_their_place(admin: Client, receiver: Receiver) -> None:
    request = sent(
        admin, receiver, "/use/@topic/x?text=@extra.text&d=@deviceIdentifier&e=me@example.com", device_identifier="l&r"
    )

    assert request.target.startswith("/use/Custom%20Event/x?")
    assert request.query == [("text", "a b&c=d/ä"), ("d", "l&r"), ("e", "me@example.com")]


def test_user_and_password_of_the_url_become_basic_authorization(admin: Client, receiver: Receiver) -> None:
    url = f"http://user:pa%20ss@127.0.0.1:{receiver.port}/ledon"
    admin.create_hook(url, events=(), custom_events=[{"event": EVENT, "message": ""}])
    admin.fire(EVENT, {})
    request = receiver.wait_for_one()

    assert request.target == "/ledon"
    assert request.header("Authorization") == "Basic dXNlcjpwYSBzcw=="


def test_a_value_cannot_smuggle_a_header(admin: Client, receiver: Receiver) -> None:
    headers = {"X-Name": "@extra.name"}
    view = admin.create_hook(
        receiver.url("/hook"), events=(), custom_events=[{"event": EVENT, "message": ""}], headers=headers
    )
    admin.fire_all([(EVENT, {"name": "a\r\nX-Evil: 1"}), (EVENT, {"name": "good"})])
    receiver.wait_for_one(where=lambda seen: seen.header("X-Name") == "good")

    assert all(seen.header("X-Evil") is None for seen in receiver)
    assert len(admin.deliveries()) >= 2
    assert all(delivery["hook_id"] == view["hook"]["id"] for delivery in admin.deliveries()[:2])


def test_a_picture_in_json_at_any_depth(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    data = {"a": [{"b": "data:@pictureType;base64,@snapshotBase64"}], "plain": "@snapshotBase64", "event": "@event"}
    seen = sent(admin, receiver, data=data)
    assert (seen.header("Content-Type") or "").startswith("application/json")
    base64 = b64encode(picture()).decode()
    assert seen.json() == {"a": [{"b": f"data:image/jpeg;base64,{base64}"}], "plain": base64, "event": EVENT}


def test_the_picture_is_the_body_and_the_rest_its_query(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    data = {"picture": "@snapshot", "title": "@event"}
    seen = sent(admin, receiver, method="PUT", content_type="picture", data=data)
    assert (seen.method, seen.header("Content-Type"), seen.body) == ("PUT", "image/jpeg", picture())
    assert ("title", EVENT) in seen.query
