#!/usr/bin/env bash
# uvicorn 0.54.0 leaves Nagle's algorithm on for connections of a socket that Python's socket.create_server opened for it.
#
# Expected: TCP_NODELAY on every connection, as where uvicorn is given host and port: asyncio promises it for TCP since Python 3.6.
# Seen: on connections of the socket from create_server it is off, and the body of each answer that is sent apart from its head
#   waits for the client's acknowledgement (some 40 ms on Linux); one made with the number of the protocol, IPPROTO_TCP, has it on.
# Why it matters: create_server is what the library offers to open a port before the server starts. A search of a millisecond
#   then takes 45, with the processor idle, so that profiles show nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'uvicorn==0.54.0' 'h11==0.16.0'
"$work/venv/bin/python" - <<'PYTHON'
import asyncio
import socket

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def opened_by_create_server():
    return socket.create_server(("127.0.0.1", 0))


def opened_with_the_protocol():
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


async def is_sent_at_once(listening):
    accepted = []
    server = uvicorn.Server(uvicorn.Config(answer, http="h11", lifespan="off", log_level="error"))
    usual = H11Protocol.connection_made

    def connection_made(self, transport):
        usual(self, transport)
        accepted.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0)

    H11Protocol.connection_made = connection_made
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
    said = await reader.read()
    writer.close()
    server.should_exit = True
    await serving
    H11Protocol.connection_made = usual
    assert said.endswith(b"ok"), said
    return accepted


seen = [asyncio.run(is_sent_at_once(opened())) for opened in (opened_by_create_server, opened_with_the_protocol)]
print("uvicorn", uvicorn.__version__, "TCP_NODELAY of connections:", dict(zip(("create_server", "IPPROTO_TCP"), seen)))
if seen != [[False], [True]]:
    raise SystemExit("the behaviour has changed")
PYTHON
