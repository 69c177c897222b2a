"""Asking a server over HTTP, as any program does."""

import json
import urllib.error
import urllib.request
from typing import NamedTuple


class Reply(NamedTuple):
    """What came back."""

    status: int
    kind: str
    content: bytes
    headers: dict

    @property
    def json(self):
        return json.loads(self.content)

    @property
    def rows(self):
        return self.json["rows"]


def ask(server, path, body=None, *, token=None, accept="*/*"):
    """Ask once; a body is sent as JSON, bytes as they are; an empty token: none."""
    token = server.token if token is None else token
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(server.address + path, data=content, headers=headers)
    try:
        reply = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        return Reply(reply.status, reply.headers["content-type"], reply.read(), dict(reply.headers))
