"""One Ray cluster on this machine for all tests of this folder, with two workers."""

import pytest

from spectradb.distributed.cluster import connected


@pytest.fixture(scope="session")
def cluster():
    """The cluster, which this process stays connected to."""
    for package in ("ray", "lance_ray"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install 'spectradb[ray]'")
    with connected("local", workers=2) as started:
        yield started
