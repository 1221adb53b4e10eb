"""Whatever interrupts a stream, no event is lost and none counts twice."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from grpc import aio

from heartbeat_relay import EventsUnacknowledged, HeartbeatRelay, RelayFailed, RelayFull
from testkit.postgres import execute
from testkit.relays import draw, lesson_time, make_relay, relay_token, stream_count, strokes
from testkit.tokens import token
from testkit.tracking_app import Service, tracking_settings
from testkit.whiteboard_sessions import RELAY, STUDENT

#: Ended longer ago than the service's grace of 30 s.
EXPIRED = timedelta(minutes=-5)
RENEWALS = 3
#: What a replica does when another call opens the same stream.
TAKE_OVER = "UPDATE heartbeat_streams SET epoch = epoch + 1"


class Tokens:
    """Returns one token after another, and then always the last one."""

    def __init__(self, *tokens: str) -> None:
        self._tokens: Iterator[str] = iter(tokens[:-1])
        self._last = tokens[-1]
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        return next(self._tokens, self._last)


async def draw_and_flush(relay: HeartbeatRelay, session_id: int, second: float) -> None:
    draw(relay, session_id, second)
    await relay.flushed()


async def deliver(relay: HeartbeatRelay, session_id: int, *seconds: float) -> None:
    """Draw in the relay's block."""
    async with relay:
        for second in seconds:
            draw(relay, session_id, second)


async def test_after_draining_the_relay_resumes_its_stream(service: Service, database: str, session_id: int) -> None:
    async with make_relay(service.address) as relay:
        await draw_and_flush(relay, session_id, 0)
        await service.stop()
        for second in range(1, 100):
            draw(relay, session_id, second)
        await service.start()
    assert (strokes(database), stream_count(database), relay.statistics.reconnects) == (100, 1, 1)


async def test_a_stream_that_is_renewed_goes_on_without_a_word(
    database: str, monkeypatch: pytest.MonkeyPatch, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(tracking_settings(database, monkeypatch, MAX_STREAM_AGE_SECONDS="0.1"))
    await service.start()
    caplog.set_level(logging.INFO, logger="heartbeat_relay")
    drawn = 0
    async with make_relay(service.address) as relay:
        while relay.statistics.reconnects < RENEWALS:
            await draw_and_flush(relay, session_id, drawn)
            drawn += 1
    await service.stop()
    assert (strokes(database), stream_count(database)) == (drawn, 1)
    assert not caplog.records


async def test_events_are_kept_until_the_service_is_up(service: Service, database: str, session_id: int) -> None:
    await service.stop()
    async with make_relay(service.address, streams=3) as relay:
        for second in range(10):
            draw(relay, session_id, second)
        await service.start()
    assert strokes(database) == 10


@pytest.mark.parametrize("loss", [TAKE_OVER, "DELETE FROM heartbeat_streams"])
async def test_a_stream_that_is_lost_while_it_is_open_continues_as_a_new_one(
    service: Service, database: str, session_id: int, loss: str
) -> None:
    async with make_relay(service.address) as relay:
        await draw_and_flush(relay, session_id, 0)
        execute(database, loss)
        for second in range(1, 2_500):
            draw(relay, session_id, second)
    assert strokes(database) == 2_500


async def test_a_stream_that_was_forgotten_during_an_outage_continues_as_a_new_one(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        await draw_and_flush(relay, session_id, 0)
        await service.stop()
        execute(database, "DELETE FROM heartbeat_streams")
        draw(relay, session_id, 1)
        await service.start()
    assert strokes(database) == 2


async def test_a_position_that_can_not_be_the_relay_s_makes_it_start_a_new_stream(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address) as relay:
        await draw_and_flush(relay, session_id, 0)
        await service.stop()
        execute(database, "UPDATE heartbeat_streams SET committed_sequence = 1000")
        draw(relay, session_id, 1)
        await service.start()
    assert (strokes(database), stream_count(database)) == (2, 2)


async def test_a_token_with_another_subject_makes_it_start_a_new_stream(
    service: Service, database: str, session_id: int
) -> None:
    async with make_relay(service.address, Tokens(relay_token(), token("renamed", "service"))) as relay:
        await draw_and_flush(relay, session_id, 0)
        await service.stop()
        draw(relay, session_id, 1)
        await service.start()
    assert (strokes(database), stream_count(database)) == (2, 2)


async def test_an_expired_token_is_renewed(service: Service, database: str, session_id: int) -> None:
    tokens = Tokens(token(RELAY, "service", lifetime=EXPIRED), relay_token())
    async with make_relay(service.address, tokens) as relay:
        draw(relay, session_id, 0)
    assert (strokes(database), tokens.calls) == (1, 2)


async def test_an_expired_token_is_nothing_to_warn_of_unless_the_next_one_is_refused_too(
    service: Service, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    expired = token(RELAY, "service", lifetime=EXPIRED)
    async with make_relay(service.address, Tokens(expired, relay_token())) as relay:
        draw(relay, session_id, 0)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []
    async with make_relay(service.address, Tokens(expired, expired, relay_token())) as relay:
        draw(relay, session_id, 1)
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["stream interrupted, events are kept: UNAUTHENTICATED TOKEN_EXPIRED"]


async def test_a_coroutine_function_may_return_the_token(service: Service, database: str, session_id: int) -> None:
    async def make_token() -> str:
        return f"{relay_token()}\n"

    async with make_relay(service.address, make_token) as relay:
        draw(relay, session_id, 0)
    assert strokes(database) == 1


async def test_a_token_function_that_fails_is_called_again_and_its_message_is_not_logged(
    service: Service, database: str, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([OSError("the secret is hunter2")])

    def make_token() -> str:
        for failure in failures:
            raise failure
        return relay_token()

    async with make_relay(service.address, make_token) as relay:
        draw(relay, session_id, 0)
    assert strokes(database) == 1
    assert "no token: OSError" in caplog.text
    assert "hunter2" not in caplog.text


async def test_tokens_are_never_logged(service: Service, session_id: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="heartbeat_relay")
    bearers = [token(RELAY, "service", lifetime=EXPIRED), relay_token()]
    async with make_relay(service.address, Tokens(*bearers)) as relay:
        draw(relay, session_id, 0)
    assert caplog.records
    assert not any(bearer in caplog.text for bearer in bearers)


async def test_an_expired_fixed_token_stops_the_relay(service: Service, session_id: int) -> None:
    relay = make_relay(service.address, token(RELAY, "service", lifetime=EXPIRED))
    with pytest.raises(RelayFailed) as failed:
        await deliver(relay, session_id, 0)
    assert (failed.value.code, failed.value.reason) == ("UNAUTHENTICATED", "TOKEN_EXPIRED")


async def test_every_later_use_of_a_failed_relay_raises_its_error(service: Service, session_id: int) -> None:
    relay = make_relay(service.address, "no token at all")
    with suppress(RelayFailed):
        await deliver(relay, session_id, 0)
    for waiting in (relay.flushed(), relay.opened()):
        with pytest.raises(RelayFailed, match="UNAUTHENTICATED TOKEN_INVALID"):
            await waiting
    with pytest.raises(RelayFailed):
        draw(relay, session_id, 1)


async def test_a_server_that_is_not_a_tracking_service_stops_the_relay(session_id: int) -> None:
    server = aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    with pytest.raises(RelayFailed, match="UNIMPLEMENTED"):
        await deliver(make_relay(f"127.0.0.1:{port}"), session_id, 0)
    await server.stop(grace=None)


async def test_a_full_relay_raises_relay_full_until_there_is_room(
    service: Service, database: str, session_id: int
) -> None:
    await service.stop()
    async with make_relay(service.address, capacity=3) as relay:
        for second in range(3):
            draw(relay, session_id, second)
        with pytest.raises(RelayFull):
            draw(relay, session_id, 3)
        await service.start()
        await relay.room()
        draw(relay, session_id, 3)
    assert strokes(database) == 4


async def test_events_that_are_unacknowledged_at_the_end_of_the_block_are_reported(
    service: Service, session_id: int
) -> None:
    await service.stop()
    relay = make_relay(service.address, flush_seconds=0)
    with pytest.raises(EventsUnacknowledged) as raised:
        await deliver(relay, session_id, 1, 2)
    assert raised.value.count == 2
    assert [event.sequence for event in relay.unacknowledged()] == [1, 2]


async def test_an_exception_of_the_block_itself_has_precedence(
    service: Service, session_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail_within(relay: HeartbeatRelay) -> None:
        async with relay:
            draw(relay, session_id, 1)
            raise ZeroDivisionError

    await service.stop()
    with pytest.raises(ZeroDivisionError):
        await fail_within(make_relay(service.address, flush_seconds=0))
    assert "1 events unacknowledged" in caplog.text


async def test_terminated_database_connections_lose_nothing(service: Service, database: str, session_id: int) -> None:
    terminate = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'tracking_service' AND datname = current_database()"""
    async with make_relay(service.address) as relay:
        for second in range(5):
            draw(relay, session_id, second)
            execute(database, terminate)
            draw(relay, session_id, second + 0.5)
            await relay.flushed()
    assert strokes(database) == 10


async def test_on_acknowledged_is_called_also_if_the_event_went_to_a_new_stream(
    service: Service, database: str, session_id: int
) -> None:
    strokes_when_called: list[int] = []
    async with make_relay(service.address) as relay:
        await draw_and_flush(relay, session_id, 0)
        execute(database, TAKE_OVER)
        draw(relay, session_id, 1)
        relay.heartbeat(
            session_id=session_id,
            user_id=STUDENT,
            user_type="student",
            activity_type="draw",
            at=lesson_time(2),
            on_acknowledged=lambda: strokes_when_called.append(strokes(database)),
        )
    assert strokes_when_called == [3]
