"""The embedded broker: whole messages, in order, each to one reader, and nothing that a reader can choke on."""

import multiprocessing
import time

import pytest
from kombu import Connection, Exchange, Queue

import mysite.celery  # noqa: F401  (registers the transport's alias)
from workers.broker import folder_options

BATCH = Queue("batch", Exchange("batch"), routing_key="batch")


def connect(folder) -> Connection:
    return Connection("atomicfile://localhost/", transport_options=folder_options(folder))


def publish(folder, number: int, start: int = 0) -> None:
    with connect(folder) as connection, connection.Producer() as producer:
        for value in range(start, start + number):
            producer.publish(
                {"value": value, "padding": "x" * 5000}, exchange=BATCH.exchange, routing_key="batch", declare=[BATCH]
            )


def consume(folder, results, done) -> None:
    """Take messages until told that all are there; the time limit is for a parent that is gone."""
    with connect(folder) as connection, connection.channel() as channel:
        BATCH(channel).declare()
        end = time.monotonic() + 60
        while not done.is_set() and time.monotonic() < end:
            message = BATCH(channel).get(no_ack=True)
            if message is not None:
                results.put(message.payload["value"])


def test_messages_arrive_in_the_order_of_sending(tmp_path):
    publish(tmp_path, 20)
    with connect(tmp_path) as connection, connection.channel() as channel:
        assert [BATCH(channel).get(no_ack=True).payload["value"] for _ in range(20)] == list(range(20))
        assert BATCH(channel).get(no_ack=True) is None


def test_two_writers_and_two_readers_lose_and_double_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    done = context.Event()
    readers = [context.Process(target=consume, args=(tmp_path, results, done)) for _ in range(2)]
    writers = [context.Process(target=publish, args=(tmp_path, 400, 1000 * number)) for number in range(2)]
    for process in readers + writers:
        process.start()
    received = [results.get(timeout=30) for _ in range(800)]
    for process in writers:
        process.join()
    time.sleep(0.3)  # a message that was delivered twice shows up now
    done.set()
    for process in readers + writers:
        process.join()
        assert process.exitcode == 0
    assert results.empty()
    assert sorted(received) == sorted([*range(400), *range(1000, 1400)])


@pytest.mark.parametrize("content", [b"", b'{"body": "ha', b"\xff\xfe"])
def test_a_broken_file_is_passed_over(tmp_path, content):
    publish(tmp_path, 1)
    broken = tmp_path / "messages" / "batch" / "00000000000000000000-0.msg"
    broken.write_bytes(content)
    with connect(tmp_path) as connection, connection.channel() as channel:
        assert BATCH(channel).get(no_ack=True).payload["value"] == 0
    assert not broken.exists()


def test_a_wiped_folder_is_an_empty_queue(tmp_path):
    import shutil

    publish(tmp_path, 1)
    shutil.rmtree(tmp_path / "messages")
    with connect(tmp_path) as connection, connection.channel() as channel:
        assert BATCH(channel).get(no_ack=True) is None
    publish(tmp_path, 1)
    with connect(tmp_path) as connection, connection.channel() as channel:
        assert BATCH(channel).get(no_ack=True) is not None


def test_a_queue_name_cannot_leave_the_folder(tmp_path):
    with (
        connect(tmp_path) as connection,
        connection.channel() as channel,
        pytest.raises(ValueError, match="not a queue name"),
    ):
        channel._put("../elsewhere", {})
