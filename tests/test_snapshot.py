"""The webcam's picture in a webhook: taken once, the right way up, small enough, and never in the way of the text."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from harness import Behaviour, Client, OctoPrintServer, Receiver, Webcam, gcode, planted
from harness.bounded import until
from harness.webcam import FURTHER, LARGE, SMALL, grainy, picture, pixels_of, png, quadrants, size_of

EVENT = "HarnessEvent"
DATA = {"topic": "@topic", "pic": "@snapshot"}


def hook(admin: Client, receiver: Receiver, path: str = "/hook", **fields: Any) -> None:
    """A hook that sends a picture with each event."""
    custom = [{"event": EVENT, "message": "m"}]
    admin.create_hook(receiver.url(path), **{"events": (), "custom_events": custom, "data": DATA} | fields)


def the_picture(admin: Client, receiver: Receiver) -> bytes:
    """The picture that comes with one event."""
    hook(admin, receiver)
    admin.fire(EVENT, {})
    return receiver.wait_for_one().multipart()["pic"].body


def test_one_picture_per_event_for_all_hooks(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    hook(admin, receiver, "/one")
    hook(admin, receiver, "/two")
    taken = webcam.taken
    admin.fire(EVENT, {})
    one, two = receiver.wait_for_one("/one"), receiver.wait_for_one("/two")

    assert one.multipart()["pic"].body == two.multipart()["pic"].body == picture()
    assert webcam.taken == taken + 1


def test_no_picture_is_taken_when_nobody_wants_one(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    hook(admin, receiver, data={"topic": "@topic"})
    taken = webcam.taken
    admin.fire(EVENT, {})
    receiver.wait_for_one()

    assert webcam.taken == taken


def test_a_large_picture_is_made_to_fit(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    webcam.shows(picture(LARGE))
    sent = the_picture(admin, receiver)

    assert size_of(sent) == (1640, 1230)
    assert quadrants(sent) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"flipH": True}, ["green", "red", "white", "blue"]),
        ({"flipV": True}, ["blue", "white", "red", "green"]),
        ({"rotate90": True}, ["green", "white", "red", "blue"]),
        ({"flipH": True, "rotate90": True}, ["red", "blue", "green", "white"]),
        ({"flipH": True, "flipV": True, "rotate90": True}, ["blue", "red", "white", "green"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_the_picture_is_turned_as_the_webcam_is_set(
    admin: Client, receiver: Receiver, webcam: Webcam, settings: dict[str, bool], expected: list[str]
) -> None:
    admin.set_plugin_settings("classicwebcam", **settings)
    sent = the_picture(admin, receiver)

    assert quadrants(sent) == expected
    assert size_of(sent) == (SMALL[::-1] if settings.get("rotate90") else SMALL)


def test_without_a_camera_the_text_goes_out_as_multipart_all_the_same(
    admin: Client, receiver: Receiver, webcam: Webcam
) -> None:
    webcam.unplug()
    hook(admin, receiver)
    admin.fire(EVENT, {})
    parts = receiver.wait_for_one().multipart()

    assert set(parts) == {"topic"}
    assert parts["topic"].text == "Custom Event"


def test_without_a_camera_the_thumbnail_of_the_file_goes_where_that_is_wanted(
    admin: Client, receiver: Receiver, webcam: Webcam
) -> None:
    webcam.unplug()
    small, large = png((16, 16)), png((220, 124))
    model = gcode.with_thumbnails(("16x16", small), ("220x124", large))
    data = DATA | {"source": "@pictureSource"}
    fields = {"events": ("print_done",), "custom_events": []}
    hook(admin, receiver, "/either", data=data, picture={"source": "camera_or_thumbnail"}, **fields)
    hook(admin, receiver, "/camera", data=data, **fields)
    inside = {"url": "data:@pictureType;base64,@snapshotBase64"}
    hook(admin, receiver, "/inside", data=inside, picture={"source": "thumbnail"}, **fields)
    admin.upload_and_print(model, "thumbnails.gcode")

    parts = receiver.wait_for_one("/either").multipart()
    assert parts["source"].text == "thumbnail"
    assert parts["pic"].filename == "thumbnail.png"
    assert (pixels_of(parts["pic"].body), parts["pic"].body[:4]) == (pixels_of(large), b"\x89PNG")
    assert set(receiver.wait_for_one("/camera").multipart()) == {"topic", "source"}
    kind, text = receiver.wait_for_one("/inside").json()["url"].split(",")
    assert kind == "data:image/png;base64"
    assert pixels_of(b64decode(text)) == pixels_of(large)
    said = "It went with the thumbnail in place of the camera's picture. The camera could not be reached"
    admin.wait_for("the log to say so", lambda: [d for d in admin.deliveries() if said in d["message"]])


def test_with_a_camera_the_thumbnail_is_not_looked_for(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    hook(admin, receiver, data=DATA | {"source": "@pictureSource"}, picture={"source": "camera_or_thumbnail"})
    admin.fire(EVENT, {})
    parts = receiver.wait_for_one().multipart()

    assert (parts["source"].text, parts["pic"].body) == ("camera", picture())


def test_a_webcam_is_chosen_by_its_name_or_all_of_them(
    admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    hook(admin, receiver, "/name", picture={"camera": "garage"})
    hook(admin, receiver, "/title", picture={"camera": "the garage ONE"})
    hook(admin, receiver, "/all", data={"topic": "@topic", "files[0]": "@snapshot"}, picture={"camera": "*"})
    hook(admin, receiver, "/raw", data={}, content_type="picture", picture={"camera": "*"})
    hook(admin, receiver, "/gone", picture={"camera": "attic"})
    hook(
        admin,
        receiver,
        "/some",
        data=DATA | {"n": "@pictureNumber"},
        picture={"camera": "The garage ONE\nclassic\nattic"},
    )
    admin.fire(EVENT, {})

    for path in ("/name", "/title"):
        assert size_of(receiver.wait_for_one(path).multipart()["pic"].body) == FURTHER
    several = receiver.wait_for_one("/all").multipart()
    assert {name: part.filename for name, part in several.items() if part.filename} == {
        "files[0]": "snapshot.jpg",
        "files[1]": "snapshot2.jpg",
    }
    assert sorted(size_of(several[name].body) for name in ("files[0]", "files[1]")) == sorted([SMALL, FURTHER])
    some = receiver.wait_for_one("/some").multipart()
    assert [size_of(some[name].body) for name in ("pic", "pic2")] == [FURTHER, SMALL]
    assert "pic3" not in some
    assert receiver.wait_for_one("/raw").body in (several["files[0]"].body, several["files[1]"].body)
    assert set(receiver.wait_for_one("/gone").multipart()) == {"topic"}
    said = 'OctoPrint has no webcam "attic".'
    admin.wait_for("the log to say so", lambda: [d for d in admin.deliveries() if said in d["message"]])


def test_one_camera_that_fails_takes_none_of_the_others_along(
    admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    webcam.unplug()
    hook(admin, receiver, picture={"camera": "*"})
    admin.fire(EVENT, {})
    parts = receiver.wait_for_one().multipart()

    assert [size_of(part.body) for part in parts.values() if part.filename] == [FURTHER]
    said = "classic: The camera could not be reached"
    admin.wait_for("the log to say so", lambda: [d for d in admin.deliveries() if said in d["message"]])


def test_the_file_of_each_picture_has_a_name_of_its_own(
    admin: Client, receiver: Receiver, webcam: Webcam, further_webcam: Webcam
) -> None:
    names = {"one": "@extra.where", "each": "{{ extra.where | upper }}, @pictureNumber.jpeg", "alike": "of @event"}
    for path, name in names.items():
        hook(
            admin, receiver, f"/{path}", picture={"camera": "" if path == "one" else "*", "file_name": name}, jinja=True
        )
    named = {"file": "@snapshot"}
    hook(admin, receiver, "/raw", data=named, content_type="picture", picture={"file_name": "@extra.where"})
    admin.fire(EVENT, {"where": '../Küche"'})

    def files(path: str) -> list[str | None]:
        return [part.filename for part in receiver.wait_for_one(path).multipart().values() if part.filename]

    assert files("/one") == ["_Küche_.jpg"]
    assert files("/each") == ["_KÜCHE_, 1.jpg", "_KÜCHE_, 2.jpg"]
    assert files("/alike") == [f"of {EVENT}.jpg", f"of {EVENT}2.jpg"]
    assert receiver.wait_for_one("/raw").query == [("file", "_Küche_.jpg")]


def test_a_file_name_that_is_none_is_refused_with_its_place(admin: Client, receiver: Receiver) -> None:
    hook(admin, receiver, picture={"file_name": "of {{ extra.where"}, jinja=True)
    [wrong] = [problem for problem in admin.hooks()[0]["problems"] if problem["severity"] == "error"]

    assert (wrong["field"], wrong["line"], wrong["column"]) == ("picture.file_name", 1, 13)


LIGHT = {"gcode_before": "M355 S1 ; on", "wait_seconds": 1, "gcode_after": "M355 S0"}


def lights(admin: Client) -> list[str]:
    """How the light was switched."""
    return [name for name in admin.seen_events() if name.startswith("M355")]


def test_the_light_is_on_for_the_picture_and_off_again_once_for_all_hooks(
    admin: Client, receiver: Receiver, webcam: Webcam
) -> None:
    admin.forget_events()
    hook(admin, receiver, "/one", picture=LIGHT)
    hook(admin, receiver, "/two", picture=LIGHT)
    hook(admin, receiver, "/dark")
    taken = webcam.taken
    admin.fire(EVENT, {})

    assert receiver.wait_for_one("/one").multipart()["pic"].body == picture()
    assert receiver.wait_for_one("/two").multipart()["pic"].body == picture()
    assert receiver.wait_for_one("/dark").multipart()["pic"].body == picture()
    admin.wait_for_events("M355 S1", "M355 S0")
    assert lights(admin) == ["M355 S1", "M355 S0"]
    assert webcam.taken == taken + 2


def test_an_address_switches_the_light_on_for_the_picture_and_off_again(
    admin: Client, receiver: Receiver, webcam: Webcam, another_receiver: Receiver
) -> None:
    plug = another_receiver
    order: list[str] = []
    jpeg = picture()

    def noting(what: str, answer: bytes) -> Behaviour:
        def note(_: object) -> bytes:
            order.append(what)
            return answer

        return Behaviour(echo=note)

    plug.answers("/on", noting("on", b"{}"))
    plug.answers("/off", noting("off", b"{}"))
    webcam.receiver.answers("/snapshot.jpg", noting("picture", jpeg))
    light = {"light_on_url": plug.url("/on?key=a@b"), "light_off_url": plug.url("/off"), "light_post": True}
    hook(admin, receiver, "/one", picture=light)
    hook(admin, receiver, "/two", picture=light)
    admin.fire(EVENT, {})

    assert receiver.wait_for_one("/one").multipart()["pic"].body == jpeg
    assert receiver.wait_for_one("/two").multipart()["pic"].body == jpeg
    until("the light to be off", lambda: "off" in order)
    assert order == ["on", "picture", "off"]
    assert [(one.method, one.target) for one in plug] == [("POST", "/on?key=a@b"), ("POST", "/off")]


def test_a_plug_that_fails_costs_a_sentence_and_never_the_message(
    admin: Client, receiver: Receiver, webcam: Webcam, another_receiver: Receiver
) -> None:
    plug = another_receiver
    plug.answers("/silent", Behaviour(mode="never"))
    plug.answers("/broken", Behaviour(status=500))
    silent = {"light_on_url": plug.url(f"/silent?key={planted.LIGHT.in_url}"), "light_off_url": plug.url("/broken")}
    itself = {"light_on_url": admin.url}
    hook(admin, receiver, "/plug", picture=silent)
    hook(admin, receiver, "/own", picture=itself)
    admin.fire(EVENT, {})

    assert receiver.wait_for_one("/own").multipart()["pic"].body == picture()
    assert receiver.wait_for_one("/plug", timeout=30).multipart()["pic"].body == picture()
    told = admin.wait_for(
        "the log to say so", lambda: [d for d in admin.deliveries() if "switched off" in d["message"]]
    )
    assert "The light was not switched on." in told[0]["message"]
    assert "within 5 s" in told[0]["message"], told[0]["message"]
    assert "The light was not switched off. Its address answered 500" in told[0]["message"]
    assert planted.found_in(str(told)) == []
    own = [d for d in admin.deliveries() if "switched on" in d["message"] and "switched off" not in d["message"]]
    assert "OctoPrint" in own[0]["message"], own


def test_a_print_is_left_alone_unless_the_user_says_so(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_state("Printing")
    admin.forget_events()
    hook(admin, receiver, "/careful", picture=LIGHT)
    admin.fire(EVENT, {})
    assert receiver.wait_for_one("/careful").multipart()["pic"].body == picture()
    said = "The G-code around the picture was not sent: a print is running."
    admin.wait_for("the log to say so", lambda: [d for d in admin.deliveries() if said in d["message"]])
    assert lights(admin) == []

    hook(admin, receiver, "/careless", picture=LIGHT | {"while_printing": True, "wait_seconds": 0})
    admin.fire(EVENT, {})
    assert receiver.wait_for_one("/careless").multipart()["pic"].body == picture()
    admin.wait_for_events("M355 S1", "M355 S0")
    admin.cancel()


def test_a_picture_is_made_as_small_as_each_receiver_wants(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    large = grainy()
    webcam.shows(large)
    hook(admin, receiver, "/any")
    hook(admin, receiver, "/poor", picture={"max_kilobytes": len(large) // 1500})
    hook(admin, receiver, "/small", picture={"max_kilobytes": 9})
    admin.fire(EVENT, {})

    assert receiver.wait_for_one("/any").multipart()["pic"].body == large
    poor = receiver.wait_for_one("/poor").multipart()["pic"].body
    assert len(poor) <= len(large) * 2 // 3
    assert size_of(poor) == size_of(large)
    small = receiver.wait_for_one("/small").multipart()["pic"].body
    assert len(small) <= 9000
    assert size_of(small)[0] < size_of(large)[0]


def test_a_timelapse_that_is_ready_goes_along_if_it_is_small_enough(
    admin: Client, octoprint: OctoPrintServer, receiver: Receiver, webcam: Webcam, tmp_path: Path
) -> None:
    folder = octoprint.folder / "timelapse"
    movie, outside = folder / "benchy.mp4", tmp_path / "secret.mp4"
    folder.mkdir(exist_ok=True)
    for path in (movie, outside):
        path.write_bytes(b"a movie" * 1000)
    events = {"custom_events": [{"event": "MovieDone", "message": "m"}]}
    data = DATA | {"source": "@pictureSource"}
    hook(admin, receiver, "/movie", data=data, picture={"timelapse": True}, **events)
    hook(admin, receiver, "/small", data=data, picture={"timelapse": True, "max_kilobytes": 5}, **events)
    hook(admin, receiver, "/camera", data=data, **events)
    taken = webcam.taken
    admin.fire("MovieDone", {"movie": str(movie), "movie_basename": movie.name, "gcode": "benchy.gcode"})

    parts = receiver.wait_for_one("/movie").multipart()
    assert (parts["pic"].filename, parts["pic"].body) == (movie.name, movie.read_bytes())
    assert parts["source"].text == "timelapse"
    assert set(receiver.wait_for_one("/small").multipart()) == {"topic", "source"}
    assert receiver.wait_for_one("/camera").multipart()["pic"].body == picture()
    assert webcam.taken == taken + 1
    said = "The timelapse is larger than what the receiver takes."
    admin.wait_for("the log to say so", lambda: [d for d in admin.deliveries() if said in d["message"]])

    admin.fire("MovieDone", {"movie": str(outside), "movie_basename": outside.name, "gcode": "benchy.gcode"})
    assert set(receiver.wait_for("/movie", count=2)[1].multipart()) == {"topic", "source"}


def test_something_that_is_no_picture_is_left_out(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    webcam.shows(b"\xff\xd8\xff\xe0 this is no picture")
    hook(admin, receiver)
    admin.fire(EVENT, {})

    assert set(receiver.wait_for_one().multipart()) == {"topic"}


def test_a_silent_camera_holds_back_neither_its_own_text_for_long_nor_other_hooks(
    admin: Client, receiver: Receiver, webcam: Webcam
) -> None:
    webcam.receiver.answers("/snapshot.jpg", Behaviour(mode="never"))
    hook(admin, receiver, "/with")
    hook(admin, receiver, "/without", data={"topic": "@topic"})
    admin.fire(EVENT, {})

    receiver.wait_for_one("/without", timeout=5)
    assert set(receiver.wait_for_one("/with", timeout=15).multipart()) == {"topic"}


def test_a_nested_snapshot_is_nothing_and_said(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    hook(admin, receiver, data={"topic": "@topic", "embed": {"image": "@snapshot"}})
    taken = webcam.taken
    admin.fire(EVENT, {})
    request = receiver.wait_for_one()

    assert request.json() == {"topic": "Custom Event", "embed": {"image": ""}}
    assert webcam.taken == taken
    problems = admin.hooks()[0]["problems"]
    assert any(problem["field"] == "data" and "snapshot" in problem["message"] for problem in problems), problems


def test_with_get_the_key_of_the_picture_goes(admin: Client, receiver: Receiver, webcam: Webcam) -> None:
    hook(admin, receiver, method="GET")
    admin.fire(EVENT, {})
    request = receiver.wait_for_one()

    assert request.query == [("topic", "Custom Event")]
    assert request.body == b""
