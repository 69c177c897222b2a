"""A web server on this machine that answers requests for ranges of bytes, and says which bytes were asked for."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(files, *, ranges=True):
    """Serve files by their names.

    Parameters
    ----------
    files : dict of str to pathlib.Path
        By the path of each after the slash.
    ranges : bool
        Whether to answer requests for ranges.

    Yields
    ------
    (str, list)
        The server's address, and of each request its path and how many bytes it was given, as they come.
    """
    given = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits some 40 ms for the other side

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, *, body):
            name = self.path.partition("?")[0].lstrip("/")
            if name not in files:
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            size = files[name].stat().st_size
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "") if ranges else None
            start = int(asked[1]) if asked else 0
            end = min(int(asked[2] or size), size - 1) if asked else size - 1
            self.send_response(206 if asked else 200)
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
            if ranges:
                self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Type", "text/html" if name.endswith(".html") else "application/octet-stream")
            self.send_header("Content-Length", str(end + 1 - start))
            self.end_headers()
            if body:
                given.append((name, end + 1 - start))
                with files[name].open("rb") as content:
                    content.seek(start)
                    self.wfile.write(content.read(end + 1 - start))

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", given
    finally:
        server.shutdown()
        server.server_close()
