import threading

import pytest
import torch

from workers.engine.features.streams import in_streams


def squared(number):
    return number * number


@pytest.mark.parametrize("streams", [1, 2, 3])
def test_results_come_in_the_order_of_the_batches(streams):
    assert list(in_streams(squared, range(10), streams)) == [(number, number * number) for number in range(10)]
    assert list(in_streams(squared, [], streams)) == []


def test_two_streams_compute_at_once_and_no_more():
    together = threading.Barrier(2, timeout=20)  # passed only when two are inside
    inside, most = [], []

    def compute(number):
        inside.append(number)
        most.append(len(inside))
        together.wait()
        inside.remove(number)
        return number

    assert [result for _batch, result in in_streams(compute, range(6), 2)] == list(range(6))
    assert max(most) == 2


def test_batches_are_read_as_they_are_needed():
    read = []

    def batches():
        for number in range(100):
            read.append(number)
            yield number

    results = in_streams(squared, batches(), 2)
    next(results)
    assert len(read) <= 4
    results.close()


def test_each_stream_has_its_share_of_the_cores_and_all_are_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        found = list(in_streams(lambda _batch: torch.get_num_threads(), range(4), 2))
        assert {cores for _batch, cores in found} == {2}
        assert torch.get_num_threads() == 4
        later = []
        thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        assert later == [4]
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("streams", [1, 2])
def test_what_a_batch_raises_reaches_the_caller(streams):
    def compute(number):
        if number == 3:
            raise ValueError("broken")
        return number

    done = []
    with pytest.raises(ValueError, match="broken"):
        done.extend(result for _batch, result in in_streams(compute, range(10), streams))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("network")]
