"""Batches computed side by side: several threads, each with cores of its own.

A layer that all cores share ends when the slowest has done its part, and on a machine with other work that is a long wait
at every layer. Threads that each compute a batch of their own wait for nobody.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def in_streams(
    compute: Callable[[Batch], Result], batches: Iterable[Batch], streams: int
) -> Generator[tuple[Batch, Result], None, None]:
    """Each batch with its result, in order; up to `streams` are computed at once."""
    if streams < 2:
        for batch in batches:
            yield batch, compute(batch)
        return
    import torch

    with threads(streams, "network", cores=max(1, torch.get_num_threads() // streams)) as pool:
        waiting: deque[tuple[Batch, Future[Result]]] = deque()
        for batch in batches:
            waiting.append((batch, pool.submit(compute, batch)))
            if len(waiting) > streams:  # one lies ready, so that none of them has to wait for the next
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


@contextmanager
def threads(count: int, name: str, cores: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of threads in each of which torch computes with so many cores."""
    import torch

    own = torch.get_num_threads()
    pool = ThreadPoolExecutor(count, thread_name_prefix=name, initializer=torch.set_num_threads, initargs=(cores,))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        torch.set_num_threads(own)  # what a thread sets for itself is also what later threads begin with
