"""The packages that the page contains: where they come from, and that nothing else is taken for them."""

import base64
import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from spectradb.errors import BadParameter, MissingDependency
from spectradb.viewer.packages import Package, integrity, package_files, packages


def tarball(**files):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as members:
        for path, content in files.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(content)
            members.addfile(member, io.BytesIO(content))
    return written.getvalue()


CONTENT = tarball(code=b"let x;", more=b"")
DIGEST = "sha512-" + base64.b64encode(hashlib.sha512(CONTENT).digest()).decode()
PACKAGE = Package("@made/up", "1.2.3", "MIT", DIGEST, {"client": "code"})


@pytest.fixture
def registry():
    """A registry of one package on this machine; `asked` has the paths that were asked for, `content` is what it gives."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            known = self.path == "/npm/@made/up/-/up-1.2.3.tgz"
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(server.content) if known else 0))
            self.end_headers()
            self.wfile.write(server.content if known else b"")

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.content = [], CONTENT
    server.url = f"http://127.0.0.1:{server.server_port}/npm"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_package_is_fetched_once_and_kept(registry, tmp_path):
    for _ in range(2):
        assert package_files([PACKAGE], registry=registry.url, cache=tmp_path) == {"client": b"let x;"}
    assert registry.asked == ["/npm/@made/up/-/up-1.2.3.tgz"]
    assert [file.name for file in tmp_path.iterdir()] == ["made-up-1.2.3.tgz"]


def test_a_package_is_kept_in_the_cache_of_the_user(registry, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    package_files([PACKAGE], registry=f"{registry.url}/")
    assert (tmp_path / "spectradb" / "npm" / "made-up-1.2.3.tgz").read_bytes() == CONTENT


def test_a_damaged_copy_in_the_cache_is_fetched_again(registry, tmp_path):
    (tmp_path / PACKAGE.tarball).write_bytes(CONTENT[:-1])
    assert package_files([PACKAGE], registry=registry.url, cache=tmp_path) == {"client": b"let x;"}
    assert len(registry.asked) == 1
    assert (tmp_path / PACKAGE.tarball).read_bytes() == CONTENT


def test_another_content_is_refused_and_not_kept(registry, tmp_path):
    registry.content = tarball(code=b"evil")
    with pytest.raises(MissingDependency, match=r"is not @made/up 1\.2\.3: its integrity is sha512-.*Nothing was kept") as told:
        package_files([PACKAGE], registry=registry.url, cache=tmp_path)
    assert DIGEST in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_what_the_registry_does_not_have_is_said(registry, tmp_path):
    other = Package("other", "1.0.0", "MIT", DIGEST, {})
    with pytest.raises(
        MissingDependency, match=r"/npm/other/-/other-1\.0\.0\.tgz: Not Found\. Without a network, give a local copy"
    ):
        package_files([other], registry=registry.url, cache=tmp_path)


def test_without_a_network_the_remedy_is_a_local_copy(registry, tmp_path):
    registry.shutdown()
    registry.server_close()
    with pytest.raises(
        MissingDependency, match=r"refused.*--assets: made-up-1\.2\.3\.tgz, as `npm pack @made/up@1\.2\.3` writes it"
    ):
        package_files([PACKAGE], registry=registry.url, cache=tmp_path)


@pytest.mark.parametrize("name", ["folder/any.tgz", "any.name"])
def test_a_local_copy_is_known_by_its_content(registry, tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(CONTENT)
    assets = [file.parent if file.suffix == ".tgz" else file]
    assert package_files([PACKAGE], assets=assets, registry=registry.url, cache=tmp_path / "none") == {"client": b"let x;"}
    assert registry.asked == []


def test_nothing_is_fetched_where_there_are_local_copies(registry, tmp_path):
    (tmp_path / "made-up-1.2.3.tgz").write_bytes(b"another file")
    with pytest.raises(MissingDependency, match=r"@made/up 1\.2\.3 is not among .*Put made-up-1\.2\.3\.tgz there"):
        package_files([PACKAGE], assets=[tmp_path], registry=registry.url, cache=tmp_path / "none")
    assert registry.asked == []


def test_wrong_places_are_refused(tmp_path):
    with pytest.raises(BadParameter, match="there is no such file or folder"):
        package_files([PACKAGE], assets=[tmp_path / "absent"])
    with pytest.raises(BadParameter, match="begins with https"):
        package_files([PACKAGE], registry="file:///etc", cache=tmp_path)


def test_integrity_is_what_npm_calls_so(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    abc = "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
    assert integrity(file) == f"sha512-{abc}"


def test_the_packages_of_the_page_are_pinned():
    stated = {package.name: package for package in packages()}
    assert sorted(stated) == ["@duckdb/duckdb-wasm", "apache-arrow", "smiles-drawer"]
    for package in stated.values():
        assert len(base64.b64decode(package.integrity.removeprefix("sha512-"))) == 64
        assert package.version.count(".") == 2
    url = "https://registry.npmjs.org/@duckdb/duckdb-wasm/-/duckdb-wasm-1.32.0.tgz"
    assert stated["@duckdb/duckdb-wasm"].url("https://registry.npmjs.org") == url
