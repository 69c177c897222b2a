"""An S3 server for the tests of labs on object storage."""

import itertools

import pytest
import s3_server

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def s3_process(tmp_path_factory):
    """The server; one for all tests."""
    pytest.importorskip("obstore", reason="obstore is not installed: pip install 'spectradb[s3]'")
    pytest.importorskip("moto", reason="moto is not installed: pip install 'spectradb[test]'")
    with s3_server.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(s3_process, monkeypatch, tmp_path):
    """The server, with the environment that leads to it and a cache of the test's own."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in s3_process.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return s3_process


@pytest.fixture
def address(s3):
    """An address of the test's own, with nothing there yet."""
    bucket = f"bucket-{next(_NUMBERS)}"
    s3.make_bucket(bucket)
    return f"s3://{bucket}/labs/tiny"
