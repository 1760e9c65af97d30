"""A model hub on loopback with one model, the small one of this repository, which sends as fast as it is let."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from bulk_transcribe_worker.hub_models import PINNED
from tests.process import MODELS


class Hub:
    """`name` is what the model is called; `half` is set when half of its weights are sent, which wait for `go`."""

    def __init__(self, name: str) -> None:
        self.repository, self.revision = PINNED[name]
        self.half = threading.Event()
        self.go = threading.Event()
        self.asked: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self._answer(head=True)

            def do_GET(self) -> None:
                self._answer(head=False)

            def log_message(self, *_: object) -> None:
                return

            def _answer(self, head: bool) -> None:
                path = urlsplit(self.path).path
                hub.asked.append(f"{self.command} {path}")
                file = path.removeprefix(f"/{hub.repository}/resolve/{hub.revision}/")
                if path.startswith(f"/api/models/{hub.repository}"):
                    self._send(json.dumps(hub.listing(tree="/tree/" in path)).encode(), head, "application/json")
                elif file != path and (hub.folder / file).is_file():
                    self._send((hub.folder / file).read_bytes(), head, "application/octet-stream")
                else:
                    self.send_error(404)

            def _send(self, content: bytes, head: bool, kind: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
                self.send_header("X-Repo-Commit", hub.revision)
                self.end_headers()
                if head:
                    return
                if len(content) > 1024 * 1024:
                    self.wfile.write(content[: len(content) // 2])
                    hub.half.set()
                    hub.go.wait(60)
                    content = content[len(content) // 2 :]
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def folder(self) -> Path:
        """What it serves."""
        return MODELS / "demo-en"

    @property
    def address(self) -> str:
        """For HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def listing(self, tree: bool) -> object:
        """What the hub's interface says of the model: its files, or the commit and its files."""
        files = [path for path in sorted(self.folder.iterdir()) if path.is_file()]
        if tree:
            return [{"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "0" * 40} for path in files]
        return {
            "id": self.repository,
            "sha": self.revision,
            "siblings": [{"rfilename": path.name, "size": path.stat().st_size} for path in files],
        }

    def close(self) -> None:
        """Lets go of what waits, and ends."""
        self.go.set()
        self._server.shutdown()
        self._server.server_close()
