import threading

import pytest

from spectradb.embedding.read_ahead import read_ahead


def test_items_in_order():
    with read_ahead(range(100), depth=3) as items:
        assert list(items) == list(range(100))


def test_a_few_ahead_and_no_more():
    made = []

    def items():
        for i in range(10):
            made.append(i)
            yield i

    with read_ahead(items(), depth=2) as ahead:
        assert next(ahead) == 0
        deadline = threading.Event()
        for _ in range(100):
            if len(made) == 4:
                break
            deadline.wait(0.01)
        deadline.wait(0.05)
        # One taken, two that wait, one in the hand of the thread.
        assert made == [0, 1, 2, 3]


def test_errors_come_after_the_items_before_them():
    def items():
        yield 1
        raise ValueError("broken")

    with read_ahead(items()) as ahead:
        assert next(ahead) == 1
        with pytest.raises(ValueError, match="broken"):
            next(ahead)


def test_the_thread_ends_when_the_items_are_no_longer_wanted():
    before = threading.active_count()

    def endless():
        while True:
            yield 0

    with pytest.raises(KeyError), read_ahead(endless()) as ahead:  # noqa: PT012 - as a user would
        next(ahead)
        raise KeyError
    assert threading.active_count() == before
