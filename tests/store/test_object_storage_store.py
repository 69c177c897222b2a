"""Objects at an address: conditions, transfers, and what is told when something is wrong."""

import sys

import pytest

from spectradb.errors import (
    BadParameter,
    MissingDependency,
    NoBucket,
    ObjectStorageError,
    StorageAccessRefused,
    StorageUnreachable,
)
from spectradb.store.publishing.published_object import PublishedObject
from spectradb.store.s3 import object_store
from spectradb.store.s3.object_store import ObjectStore
from spectradb.workspace.lab_address import LabAddress, told_at
from spectradb.workspace.shared_models import SharedModels


@pytest.fixture
def store(address):
    return LabAddress.of(address).store


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("s3://bucket/labs/tiny", "s3://bucket/labs/tiny"),
        ("s3:/bucket/labs/tiny", "s3://bucket/labs/tiny"),  # what a path makes of it
        ("s3://bucket/labs//tiny/", "s3://bucket/labs/tiny"),
        ("s3://my.bucket-1", "s3://my.bucket-1"),
        ("labs/s3", None),
        ("/labs/s3:/x", None),
    ],
)
def test_addresses(path, told):
    address = LabAddress.of(path)
    assert (address and str(address)) == told


def test_the_folder_of_an_address_is_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = LabAddress.of("s3://bucket/labs/tiny").folder
    assert (folder.name, folder.parents[1]) == ("tiny", tmp_path / "spectradb" / "labs")
    assert LabAddress.of("s3://bucket").folder.name == "bucket"
    others = {LabAddress.of(f"s3://{other}").folder for other in ("bucket/tiny", "bucket/labs/tiny2", "bucket2/labs/tiny")}
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    others.add(LabAddress.of("s3://bucket/labs/tiny").folder)
    assert len(others | {folder}) == 5


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("gs://bucket/lab", "Name a directory, or s3://bucket/path"),
        ("https://bucket.s3.amazonaws.com/lab", "Name a directory, or s3://bucket/path"),
        ("s3://", "Write s3://bucket/path"),
        ("s3://My_Bucket/lab", "Write s3://bucket/path"),
        ("s3://bucket/a/../b", "Write it out"),
    ],
)
def test_addresses_that_cannot_be_meant(path, remedy):
    with pytest.raises(BadParameter, match=remedy):
        LabAddress.of(path)


def test_conditional_writes(store):
    first = store.create("a", b"1")
    assert first
    assert store.create("a", b"2") is None
    second = store.replace("a", b"3", etag=first)
    assert second not in {None, first}
    assert store.replace("a", b"4", etag=first) is None
    assert store.read("a") == (b"3", second)
    store.delete("a")
    store.delete("a")
    assert (store.read("a"), store.head("a")) == (None, None)
    assert store.replace("a", b"5", etag=str(second)) is None


def test_listing(store, address):
    for key in ("a", "models/x.json", "models/deep/y"):
        store.create(key, key.encode())
    LabAddress.of(f"{address}2").store.create("stranger", b"")
    assert store.names() == {"a", "models"}
    assert [(found.key, found.size) for found in store.list("models")] == [("models/deep/y", 13), ("models/x.json", 13)]
    assert store.list("nothing") == []


@pytest.mark.parametrize("size", [0, 1, (5 << 20) - 1, (12 << 20) + 17])
def test_files_arrive_as_they_were_sent(store, tmp_path, monkeypatch, size):
    monkeypatch.setattr(object_store, "_PART_BYTES", 5 << 20)
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    (tmp_path / "sent").write_bytes(content)
    etag = store.upload(tmp_path / "sent", "file")
    (tmp_path / "fetched").write_bytes(b"something longer" if size < 10 else b"")
    assert store.download("file", tmp_path / "fetched") == etag
    assert (tmp_path / "fetched").read_bytes() == content
    assert store.head("file").etag == etag


def test_what_is_not_there_is_not_fetched(store, tmp_path):
    assert store.download("file", tmp_path / "fetched") is None
    assert not (tmp_path / "fetched").exists()


def test_an_object_that_is_replaced_while_it_is_fetched_is_fetched_anew(store, tmp_path, monkeypatch):
    monkeypatch.setattr(object_store, "_PART_BYTES", 1 << 10)
    store.create("file", b"a" * 3000)
    looked_up = []

    def replaced_after_the_first_look(key):
        found = ObjectStore.head(store, key)
        if not looked_up:
            store.replace("file", b"b" * 2000, etag=found.etag)
        looked_up.append(key)
        return found

    monkeypatch.setattr(store, "head", replaced_after_the_first_look)
    store.download("file", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"b" * 2000
    assert len(looked_up) == 2


# The working copy


@pytest.fixture
def copy(store, tmp_path):
    (tmp_path / "folder").mkdir()
    return PublishedObject(store, tmp_path / "folder" / "lab.duckdb")


def publish(copy, content):
    following = copy.path.with_name("lab.duckdb.next")
    following.write_text(content)
    with copy.replacing(following):
        following.replace(copy.path)


def test_a_working_copy_is_fetched_when_it_is_not_what_is_published(store, s3, copy, tmp_path):
    copy.fetch()
    assert not copy.path.exists()
    (tmp_path / "elsewhere").mkdir()
    other = PublishedObject(store, tmp_path / "elsewhere" / "lab.duckdb")
    publish(other, "one")
    copy.fetch()
    assert copy.path.read_text() == "one"
    before = len([line for line in s3.requests() if line.startswith("GET") and "lab.duckdb" in line])
    for same in (copy, other):
        same.fetch()
    assert len([line for line in s3.requests() if line.startswith("GET") and "lab.duckdb" in line]) == before
    publish(copy, "two")
    other.fetch()
    assert other.path.read_text() == "two"
    copy.path.write_text("somebody wrote to it")
    copy.path.with_name("lab.duckdb.wal").write_text("and left a log")
    copy.fetch()
    assert copy.path.read_text() == "two"
    assert sorted(file.name for file in copy.path.parent.iterdir()) == ["lab.duckdb", "lab.duckdb.source", "locks"]
    store.delete("lab.duckdb")
    copy.fetch()
    assert not copy.path.exists()


def test_a_failed_upload_leaves_both_as_they_were(store, copy, monkeypatch):
    publish(copy, "one")
    monkeypatch.setattr(store, "upload", lambda file, key: (_ for _ in ()).throw(StorageUnreachable("gone")))
    with pytest.raises(StorageUnreachable):
        publish(copy, "two")
    assert copy.path.read_text() == "one"
    assert store.read("lab.duckdb")[0] == b"one"


# The models


def contents(models):
    return {file.name: file.read_text() for file in sorted(models.folder.glob("*"))}


def test_models_are_the_same_on_all_machines(store, tmp_path):
    here, there = (SharedModels(store, tmp_path / name / "models") for name in ("here", "there"))
    here.fetch()
    assert contents(here) == {}
    with here.changing():
        here.folder.mkdir()
        (here.folder / "a.onnx").write_text("weights")
        (here.folder / "a.json").write_text("card")
    there.fetch()
    assert contents(there) == {"a.onnx": "weights", "a.json": "card"}
    with there.changing():
        (there.folder / "a.json").write_text("better card")
        (there.folder / "b.onnx").write_text("more")
    here.fetch()
    assert contents(here) == {"a.onnx": "weights", "a.json": "better card", "b.onnx": "more"}
    with here.changing():
        (here.folder / "a.json").unlink()
        (here.folder / "a.onnx").unlink()
    there.fetch()
    assert contents(there) == {"b.onnx": "more"}


def test_a_model_that_could_not_be_added_is_nowhere(store, tmp_path):
    models = SharedModels(store, tmp_path / "models")

    def fail():
        with models.changing():
            models.folder.mkdir()
            (models.folder / "a.onnx").write_text("weights")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert contents(models) == {}
    assert store.list("models") == []


# What is told


@pytest.mark.parametrize(
    ("variables", "kind", "told"),
    [
        (
            {"AWS_ACCESS_KEY_ID": "nobody"},
            StorageAccessRefused,
            r"refused access \(InvalidAccessKeyId\)\. Check AWS_ACCESS_KEY_ID",
        ),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            StorageUnreachable,
            "http://127.0.0.1:9 cannot be reached. Check AWS_ENDPOINT",
        ),
    ],
)
def test_wrong_environments(address, monkeypatch, variables, kind, told):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    store = LabAddress.of(address).store
    for ask in (store.names, lambda: store.create("a", b""), lambda: store.list("models")):
        with pytest.raises(kind, match=f"^{address}: .*{told}"):
            ask()


def test_no_bucket(s3):
    store = LabAddress.of("s3://nobody-made-this/lab").store
    for ask in (store.names, lambda: store.create("a", b""), lambda: store.list("models")):
        with pytest.raises(
            NoBucket, match=r"^s3://nobody-made-this/lab: .* has no bucket 'nobody-made-this'\. Create the bucket"
        ):
            ask()


RUST = "LanceError(IO): Generic S3 error: Error performing GET http://x in 2s, after 3 retries - {}, object_store.rs:1576:42"


@pytest.mark.parametrize(
    ("said", "kind", "remedy"),
    [
        ("<Code>NoSuchBucket</Code>", NoBucket, "Create the bucket"),
        ("<Code>SignatureDoesNotMatch</Code>", StorageAccessRefused, "AWS_SECRET_ACCESS_KEY"),
        ("status code: 403 Forbidden:", StorageAccessRefused, r"\(403 Forbidden\)"),
        ("http://169.254.169.254/latest/api/token: error sending request", StorageAccessRefused, "no credentials were found"),
        ("the credential provider was not enabled: CredentialsNotLoaded", StorageAccessRefused, "no credentials were found"),
        ("<Code>PermanentRedirect</Code>", ObjectStorageError, "Set AWS_REGION"),
        ("HTTP error: error sending request", StorageUnreachable, "AWS_ENDPOINT_URL and the network"),
        ("operation timed out", StorageUnreachable, "AWS_ENDPOINT_URL and the network"),
        ("status code: 507 Insufficient Storage", ObjectStorageError, "507 Insufficient Storage.* Run the command again"),
    ],
)
def test_what_lance_says_is_told_plainly(monkeypatch, said, kind, remedy):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    found = told_at("s3://bucket/lab", OSError(RUST.format(said)))
    assert type(found) is kind
    with pytest.raises(kind, match=f"^s3://bucket/lab: .*{remedy}"):
        raise found


def test_errors_of_other_kinds_are_left_alone():
    assert told_at("s3://bucket/lab", OSError("No space left on device")) is None
    assert told_at("lab", OSError(RUST.format("<Code>NoSuchBucket</Code>"))) is None
    assert told_at(None, OSError(RUST.format("<Code>NoSuchBucket</Code>"))) is None


def test_keys_of_the_users_profile(address, monkeypatch, tmp_path):
    store = LabAddress.of(address).store
    store.create("a", b"1")
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = nobody\naws_secret_access_key = x\n"
        "[lab]\naws_access_key_id = lab-user\naws_secret_access_key = lab-secret\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with pytest.raises(StorageAccessRefused):
        LabAddress.of(address).store.names()
    monkeypatch.setenv("AWS_PROFILE", "lab")
    again = LabAddress.of(address).store
    assert again.names() == {"a"}
    assert again.lance_options["aws_access_key_id"] == "lab-user"
    (tmp_path / "credentials").write_text("no section\n")
    monkeypatch.setenv("AWS_PROFILE", "other")
    with pytest.raises(ObjectStorageError, match="cannot be read as credentials"):
        LabAddress.of(address).store  # noqa: B018 - the property looks


def test_without_obstore(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingDependency, match=r"pip install 'spectradb\[s3\]'"):
        ObjectStore("bucket", "lab")
