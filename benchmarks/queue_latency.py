"""How fast a job starts, and how fast a wake-up travels.

    python benchmarks/queue_latency.py

1. A workbench is started in a temporary folder (file broker + SQLite); a job's wait is the time from its row's creation to its
   start on the idle interactive worker, from the two columns of the row.
2. One message at a time is sent to a waiting consumer through the embedded broker and through kombu's stock filesystem transport;
   the ratio of the medians is printed.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def consume(address, options, pipe) -> None:
    from kombu import Connection, Consumer, Exchange, Queue

    import mysite.celery  # noqa: F401

    queue = Queue("bench", Exchange("bench"), routing_key="bench")
    with (
        Connection(address, transport_options=options) as connection,
        Consumer(connection, [queue], callbacks=[lambda body, message: (message.ack(), pipe.send(time.monotonic()))]),
    ):
        pipe.send("ready")
        while True:
            connection.drain_events()


def message_times(address: str, options: dict, count: int) -> list[float]:
    from kombu import Connection, Exchange, Queue

    import mysite.celery  # noqa: F401

    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    reader = context.Process(target=consume, args=(address, options, there), daemon=True)
    reader.start()
    here.recv()
    queue = Queue("bench", Exchange("bench"), routing_key="bench")
    times = []
    with Connection(address, transport_options=options) as connection, connection.Producer() as producer:
        for number in range(count):
            # Not in step with the reader's polling.
            time.sleep(0.2 + 0.037 * (number % 29))
            begin = time.monotonic()
            producer.publish({}, exchange=queue.exchange, routing_key="bench", declare=[queue])
            times.append(here.recv() - begin)
    reader.terminate()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=30)
    arguments = parser.parse_args()
    from tests.live import running_workbench
    from workers.broker import folder_options

    with tempfile.TemporaryDirectory() as folder:
        with running_workbench(Path(folder) / "data", "embedded") as workbench:
            jobs = workbench.scenario("latency", "interactive", str(arguments.count))
        ours = message_times("atomicfile://localhost/", folder_options(Path(folder) / "ours"), arguments.count)
        stock = Path(folder) / "stock"
        for name in ("messages", "control"):
            (stock / name).mkdir(parents=True)
        options = {
            "data_folder_in": str(stock / "messages"), "data_folder_out": str(stock / "messages"),
            "control_folder": str(stock / "control"),
        }  # fmt: skip
        theirs = message_times("filesystem://", options, arguments.count)
    result = {
        "job_start_median_s": jobs["median_s"], "job_start_worst_s": jobs["worst_s"],
        "message_median_s": statistics.median(ours), "stock_message_median_s": statistics.median(theirs),
        "ratio_stock_to_ours": statistics.median(theirs) / statistics.median(ours), "n": arguments.count,
    }  # fmt: skip
    print(json.dumps({name: round(value, 4) for name, value in result.items()}, indent=2))


if __name__ == "__main__":
    main()
