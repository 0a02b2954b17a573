"""A print, and all that can happen to it, as a receiver hears of it."""

from __future__ import annotations

import time

from harness import Client, Listener, Receiver, gcode

COURSE = ("print_started", "print_paused", "print_resumed", "print_done", "print_failed", "print_cancelled")
TROUBLE = ("error", "print_failed", "connection_lost", "print_cancelled")


def test_a_print_is_told_from_start_to_end(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=(*COURSE, "print_progress"), progress_interval_percent=25)
    before = int(time.time())
    admin.upload_and_print(gcode.paced(120), "benchy.gcode")
    listener.wait_for("Print Started")
    admin.pause()
    admin.resume()
    listener.wait_for("Print Done", timeout=60)
    admin.wait_for_state("Operational")

    assert listener.topics() == ["Print Started", "Print Paused", "Print Resumed", "Print Done"]
    heard = listener.settle()
    assert len({body["jobId"] for body in heard}) == 1
    assert heard[0]["jobId"]
    assert len({body["eventId"] for body in heard}) == len(heard)
    assert len({body["deliveryId"] for body in heard}) == len(heard)
    assert [body["milestone"] for body in heard if body["topic"] == "Print Progress"] == [25, 50, 75]
    for body in heard:
        assert body["job"]["file"]["name"] == "benchy.gcode"
        assert before <= body["time"] <= time.time() + 1
        assert isinstance(body["state"]["flags"]["printing"], bool)
    started = next(body for body in heard if body["topic"] == "Print Started")
    assert started["event"] == "PrintStarted"
    assert started["message"] == "print_started happened"
    assert started["extra"]["name"] == "benchy.gcode"
    assert started["extra"]["origin"] == "local"
    assert started["milestone"] == 0
    done = next(body for body in heard if body["topic"] == "Print Done")
    assert done["extra"]["time"] > 0


def test_the_next_print_has_another_job_id(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("print_started", "print_done"))
    path = admin.upload_and_print(gcode.paced(4), "again.gcode")
    listener.wait_for("Print Done")
    admin.wait_for_state("Operational")
    admin.print_again(path)
    listener.wait_for("Print Done", count=2)

    first, first_end, second, second_end = [body["jobId"] for body in listener.settle()]
    assert first == first_end
    assert second == second_end
    assert first != second


def test_each_hook_has_its_own_milestones(admin: Client, receiver: Receiver) -> None:
    message = {"print_progress": "Your print is @percentCompleteMilestone % complete."}
    tenths = Listener(admin, receiver, events=message, progress_interval_percent=10)
    quarters = Listener(admin, receiver, events=message, progress_interval_percent=25)
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_event("PrintDone", seconds=60)

    heard = [body["milestone"] for body in tenths.settle()]
    assert heard == sorted(set(heard)), "each milestone once, in order"
    assert set(heard) <= set(range(10, 100, 10))
    assert len(heard) >= 6, "a milestone may be skipped in favour of a newer one, but not most of them"
    assert [body["message"] for body in quarters.settle()] == [
        f"Your print is {done} % complete." for done in (25, 50, 75)
    ]
    assert all(body["topic"] == "Print Progress" for body in quarters.heard())
    assert "plugin_webhooks_progress" in admin.seen_events()


def test_progress_of_a_file_with_remaining_times(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("print_progress",), progress_interval_percent=25)
    admin.upload_and_print(gcode.with_m73(160))
    admin.wait_for_event("PrintDone", seconds=60)

    assert [body["milestone"] for body in listener.settle()] == [25, 50, 75]


def test_a_cancelled_print_is_cancelled_and_failed_only_for_who_wants_it_so(admin: Client, receiver: Receiver) -> None:
    both = Listener(admin, receiver, events=("print_started", "print_cancelled", "print_failed", "print_done"))
    as_before = Listener(admin, receiver, events=("print_failed",), cancelled_counts_as_failed=True)
    only_failed = Listener(admin, receiver, events=("print_failed",))
    admin.upload_and_print(gcode.paced(200))
    both.wait_for("Print Started")
    admin.cancel()
    admin.wait_for_event("PrintFailed")

    assert both.topics() == ["Print Started", "Print Cancelled"]
    assert both.heard()[0]["jobId"] == both.heard()[1]["jobId"]
    assert as_before.topics() == ["Print Failed"]
    assert as_before.heard()[0]["extra"]["reason"] == "cancelled"
    assert only_failed.topics() == []


def test_a_waiting_printer_is_told_once_per_pause(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed",))
    admin.upload_and_print(gcode.paced(400))
    admin.wait_for_event("PrintStarted")
    variants = [
        "echo:busy: paused for user",
        "echo:busy paused for user",
        "busy: paused for user",
        "ECHO:BUSY: PAUSED FOR USER",
    ]
    for number, line in enumerate(variants, start=1):
        admin.printer_says(line, "echo:busy: processing", line, "T:20.0 /0.0 B:20.0 /0.0", line)
        listener.wait_for("User Action Needed", count=number)
        assert listener.topics() == ["User Action Needed"] * number, line
        admin.pause()
        admin.resume()
    assert "plugin_webhooks_notify" in admin.seen_events()
    assert len({body["jobId"] for body in listener.heard()}) == 1


def test_other_lines_are_no_wish_for_a_user(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed",))
    admin.upload_and_print(gcode.paced(100))
    admin.wait_for_event("PrintStarted")
    admin.printer_says("echo:busy: processing", "echo:M117 paused for user", "echo:busy: paused for input")

    assert listener.topics() == []


def test_a_firmware_error_is_an_error_and_a_failed_print(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=TROUBLE)
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_event("PrintStarted")
    admin.debug("trigger_fatal_error_marlin")
    admin.wait_for_event("PrintFailed")
    admin.wait_for_event("Disconnected")
    admin.wait_for_state("Closed", "Offline")

    assert sorted(listener.topics()) == ["Error", "Print Failed"]
    by_topic = {body["topic"]: body for body in listener.heard()}
    assert "Thermal Runaway" in by_topic["Error"]["extra"]["error"]
    assert by_topic["Print Failed"]["extra"]["reason"] == "error"
    assert by_topic["Print Failed"]["jobId"]


def test_a_lost_connection_is_told(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=TROUBLE)
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_event("PrintStarted")
    admin.debug("drop_connection")
    admin.wait_for_event("PrintFailed")
    admin.wait_for_event("Disconnected")
    admin.wait_for_state("Closed", "Offline")

    assert sorted(listener.topics()) == ["Connection Lost", "Print Failed"]
    assert "plugin_webhooks_connection_lost" in admin.seen_events()


def test_a_lost_connection_is_told_when_nothing_is_printed(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=TROUBLE)
    admin.debug("drop_connection")
    admin.wait_for_event("Disconnected")
    admin.wait_for_state("Closed", "Offline")

    assert listener.topics() == ["Connection Lost"]


def test_a_lost_connection_is_told_when_the_print_is_paused(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("connection_lost", "error"))
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_event("PrintStarted")
    admin.pause()
    admin.debug("drop_connection")
    admin.wait_for_event("Disconnected")
    admin.wait_for_state("Closed", "Offline")

    assert listener.topics() == ["Connection Lost"]


def test_a_connection_that_a_user_closes_is_not_lost(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("connection_lost", "error", "print_failed"))
    admin.disconnect()
    admin.wait_for_event("Disconnected")
    assert listener.topics() == []

    admin.connect()
    admin.forget_events()
    admin.upload_and_print(gcode.paced(200))
    admin.wait_for_event("PrintStarted")
    admin.disconnect()
    admin.wait_for_event("PrintFailed")
    assert listener.topics() == ["Print Failed"]


def test_any_event_of_the_bus_by_its_name_in_any_case(admin: Client, receiver: Receiver) -> None:
    listener = Listener(
        admin,
        receiver,
        events=(),
        custom_events=[
            {"event": "movieDONE", "message": "Seen: @extra.movie_basename"},
            {"event": "plugin_softwareupdate_update_succeeded", "message": "updated"},
            {"event": "Home", "message": ""},
        ],
    )
    payload = {"movie": "/x/benchy.mp4", "movie_basename": "benchy.mp4", "gcode": "benchy.gcode"}
    admin.fire_all(
        [
            ("MovieDone", payload),
            ("MovieFailed", payload),
            ("plugin_softwareupdate_update_succeeded", {"target": "octoprint"}),
            ("Home", None),
        ]
    )

    movie, update, home = listener.settle()
    assert movie["topic"] == update["topic"] == home["topic"] == "Custom Event"
    assert [movie["event"], update["event"], home["event"]] == [
        "MovieDone",
        "plugin_softwareupdate_update_succeeded",
        "Home",
    ]
    assert movie["message"] == "Seen: benchy.mp4"
    assert movie["extra"] == payload
    assert not movie["jobId"]
    assert update["extra"] == {"target": "octoprint"}


def test_the_old_custom_events_count_when_others_fire_them(admin: Client, receiver: Receiver) -> None:
    listener = Listener(admin, receiver, events=("user_action_needed",))
    admin.fire("plugin_webhooks_notify", {"from": "another plugin"})

    assert listener.topics() == ["User Action Needed"]


def test_cooldown_counts_per_hook_and_event(admin: Client, receiver: Receiver) -> None:
    events = [{"event": "HarnessOne", "message": "1"}, {"event": "HarnessTwo", "message": "2"}]
    cool = Listener(admin, receiver, events=(), custom_events=events, cooldown_seconds=600)
    eager = Listener(admin, receiver, events=(), custom_events=events)
    admin.fire_all([("HarnessOne", {}), ("HarnessOne", {}), ("HarnessTwo", {}), ("HarnessOne", {})])

    assert [body["message"] for body in cool.settle()] == ["1", "2"]
    assert [body["message"] for body in eager.settle()] == ["1", "1", "2", "1"]
    skipped = admin.wait_for_delivery(hook_id=cool.id, state="skipped")
    assert skipped["message"], "says why"


def test_a_hook_that_is_switched_off_sends_nothing(admin: Client, receiver: Receiver) -> None:
    events = [{"event": "HarnessOne", "message": "1"}]
    off = Listener(admin, receiver, events=(), custom_events=events, enabled=False)
    on = Listener(admin, receiver, events=(), custom_events=events)
    admin.fire("HarnessOne", {"number": 1})
    assert len(on.settle()) == 1
    admin.api("PUT", f"/hooks/{off.id}/enabled", json={"enabled": True})
    admin.fire("HarnessOne", {"number": 2})

    assert [body["extra"]["number"] for body in off.settle()] == [2]


def test_hooks_that_were_deleted_or_changed_do_as_they_are_told_now(admin: Client, receiver: Receiver) -> None:
    events = [{"event": "HarnessOne", "message": "before"}]
    gone = Listener(admin, receiver, events=(), custom_events=events)
    stays = Listener(admin, receiver, events=(), custom_events=events)
    admin.delete_hook(gone.id)
    changed = [{**event, "message": "after"} for event in stays.view["hook"]["custom_events"]]
    stays.view = admin.change_hook(stays.view, custom_events=changed)
    admin.fire("HarnessOne")

    assert [body["message"] for body in stays.settle()] == ["after"]
    assert gone.raw() == []
