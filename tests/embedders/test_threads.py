import threading

import pytest
import torch

from spectradb.embedders.transformer.threads import for_each


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 3])
def test_each_item_once(threads):
    done = []
    for_each(done.append, range(20), threads=threads)
    assert sorted(done) == list(range(20))


def test_each_thread_computes_alone_and_the_caller_keeps_its_threads():
    torch.set_num_threads(3)
    found = []
    both = threading.Barrier(2)

    def look(_):
        both.wait(10)
        found.append((threading.get_ident(), torch.get_num_threads()))

    for_each(look, [0, 1], threads=2)
    assert len({thread for thread, _ in found}) == 2
    assert [n for _, n in found] == [1, 1]
    assert torch.get_num_threads() == 3


def test_what_one_raises_is_raised():
    def fail(item):
        if item == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        for_each(fail, range(5), threads=2)
