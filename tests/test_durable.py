"""What matters arrives whatever happens in between: a receiver that is down, OctoPrint killed and started again."""

from __future__ import annotations

from harness import Behaviour, Receiver, Setup, Start, gcode

DATA = '{"topic": "@topic", "delivery": "@deliveryId", "job": "@jobId", "late": "@late"}'
EVENTS = ("print_started", "print_paused", "print_resumed", "print_done", "print_progress")
MATTERS = ["Print Started", "Print Paused", "Print Resumed", "Print Done"]


def test_what_matters_survives_a_kill_in_order_and_says_that_it_is_late(start: Start, receiver: Receiver) -> None:
    receiver.answers("/hook", Behaviour(status=503))
    server = start(Setup())
    server.admin.create_hook(
        receiver.url("/hook"),
        data=DATA,
        events=EVENTS,
        progress_interval_percent=10,
        patience={"fold_seconds": 60, "late_after_seconds": 1, "repeat_when_unsure": True},
    )
    server.admin.upload_and_print(gcode.paced(100))
    server.admin.wait_for_event("PrintStarted")
    server.admin.pause()
    server.admin.resume()
    server.admin.wait_for_event("PrintDone")
    server.admin.wait_for(
        "all of them waiting", lambda: set(MATTERS) <= {seen["topic"] for seen in server.admin.deliveries()}
    )
    server.admin.wait_for("all of them stored", lambda: server.admin.status()["outbox"]["events"] >= len(MATTERS))
    first = {seen.json()["topic"]: seen.json()["delivery"] for seen in receiver}

    server.kill()
    receiver.answers("/hook", Behaviour())
    server.start()
    arrived = receiver.wait_for("/hook", where=lambda seen: seen.json()["topic"] == "Print Done", timeout=120)
    assert len(arrived) == 1

    sent = [seen.json() for seen in receiver if seen.json()["late"]]
    assert [body["topic"] for body in sent if body["topic"] in MATTERS][-4:] == MATTERS
    assert {body["topic"] for body in sent} <= set(MATTERS), "progress is not kept"
    assert len({body["job"] for body in sent}) == 1
    for body in sent:
        assert first.get(body["topic"], body["delivery"]) == body["delivery"], "a repeat has its first id"
    assert all(body["late"].endswith(" late") for body in sent)
    server.admin.wait_for("nothing waiting", lambda: server.admin.status()["counts"]["waiting"] == 0)


def test_what_was_delivered_is_not_sent_again_after_a_kill(start: Start, receiver: Receiver) -> None:
    server = start(Setup())
    server.admin.create_hook(receiver.url("/hook"), data=DATA, events=("print_started", "print_done"))
    server.admin.upload_and_print(gcode.tiny())
    receiver.wait_for("/hook", where=lambda seen: seen.json()["topic"] == "Print Done")
    # The mark that it is done is written within a second; a flush by the next event makes it certain.
    server.admin.wait_for("nothing waiting", lambda: server.admin.status()["counts"]["waiting"] == 0)
    server.restart()
    server.admin.upload_and_print(gcode.tiny("again"))
    receiver.wait_for("/hook", count=2, where=lambda seen: seen.json()["topic"] == "Print Done")
    topics = [seen.json()["topic"] for seen in receiver]
    assert topics == ["Print Started", "Print Done"] * 2


def test_a_paused_hook_keeps_what_it_is_told(start: Start, receiver: Receiver) -> None:
    server = start(Setup())
    hook = server.admin.create_hook(receiver.url("/hook"), data=DATA, events=("print_started", "print_done"))["hook"][
        "id"
    ]
    paused = server.admin.api("PUT", f"/hooks/{hook}/paused", json={"paused": True})
    assert paused["paused"] is True
    server.admin.upload_and_print(gcode.tiny())
    server.admin.wait_for_event("PrintDone")
    server.admin.wait_for("both waiting", lambda: server.admin.status()["counts"]["waiting"] == 2)
    assert receiver.matching("/hook") == []
    server.admin.api("PUT", f"/hooks/{hook}/paused", json={"paused": False})
    assert [seen.json()["topic"] for seen in receiver.wait_for("/hook", count=2)] == ["Print Started", "Print Done"]
