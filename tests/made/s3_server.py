"""An S3 server on this machine for tests: moto's, strict about credentials and about conditional writes.

Run as a program it serves until it is killed: ``python s3_server.py FOLDER``. In the folder it writes its port, and a line for
each request; while a file ``hold`` is there, parts of large uploads wait.
"""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY, SECRET = "lab-user", "lab-secret"
READER = "lab-reader"  # may not write


def _refusal(environ):
    """The code of S3 for what the key of a request may not do; None: it may."""
    signed = environ.get("HTTP_AUTHORIZATION", "")
    if f"Credential={READER}/" in signed:
        return None if environ["REQUEST_METHOD"] in {"GET", "HEAD"} else "AccessDenied"
    return None if f"Credential={KEY}/" in signed else "InvalidAccessKeyId"


def _serve(folder):
    # Only the process that serves needs them.
    from moto.server import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_):
            pass

    serve = DomainDispatcherApplication(create_backend_app)
    one_at_a_time = threading.Lock()
    log = (folder / "requests").open("a", buffering=1)

    def application(environ, start_response):
        query = environ["QUERY_STRING"]
        log.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{query}\n")
        if code := _refusal(environ):
            body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>No</Message></Error>'.encode()
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]
        while "partNumber=" in query and (folder / "hold").exists():
            time.sleep(0.02)
        if "HTTP_IF_MATCH" in environ or "HTTP_IF_NONE_MATCH" in environ:
            # The server compares first and writes then, which several threads could do at once.
            with one_at_a_time:
                return list(serve(environ, start_response))
        return serve(environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    (folder / "port.new").write_text(str(server.port))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


@dataclass
class S3Server:
    """A running server: its endpoint, and the folder by which it is controlled."""

    endpoint: str
    folder: Path

    @property
    def environment(self):
        """The variables with which spectradb finds it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def make_bucket(self, name):
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")
        request.add_header("Authorization", f"AWS4-HMAC-SHA256 Credential={KEY}/20260101/us-east-1/s3/aws4_request")
        urllib.request.urlopen(request).close()

    def requests(self):
        """All requests so far, such as ``GET /bucket/key?``."""
        return (self.folder / "requests").read_text().splitlines()

    @contextmanager
    def holding_parts(self):
        """Let parts of large uploads wait for the length of a block."""
        (self.folder / "hold").touch()
        try:
            yield
        finally:
            (self.folder / "hold").unlink()


@contextmanager
def running(folder):
    """Run a server in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen([sys.executable, __file__, str(folder)], env=environment)
    try:
        for _ in range(1500):
            if (folder / "port").exists():
                break
            assert process.poll() is None, "the S3 server did not start"
            time.sleep(0.02)
        yield S3Server(f"http://127.0.0.1:{(folder / 'port').read_text()}", folder)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
