"""A server that answers as `emo-tf serve` does with a model of faces, but for what it gets wrong.

`python -m tests.misbehaving_server FAULT --models ROOT --port 0`; an unknown fault is none.
"""

import json
import os
import signal
import sys
import time
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from emo_tf.labels import EXPRESSIONS

SIGNATURES = {"serve_bytes": {"inputs": {"image_bytes": {"dtype": "DT_STRING"}}}}
SIGNATURES["serve_bytes"]["inputs"]["image_bytes"]["tensor_shape"] = {"dim": [{"size": "-1"}]}
FACE = {"expression": {"probabilities": dict.fromkeys(EXPRESSIONS, 0.5)}}
STARTS = {
    "not installed": "emo-tf serve: expected FastAPI; pip install 'emo_tf[serve]'",
    "does not start": "port 0: expected a port that is free. Received: one that is not",
}


class Handler(BaseHTTPRequestHandler):
    fault = ""
    asked = 0

    def do_GET(self):
        if self.path.endswith("/metadata"):
            about = {} if self.fault == "metadata" else {"signature_def": SIGNATURES}
            return self._answer(200, {"metadata": {"signature_def": about}})
        state = "LOADING" if self.fault == "state" else "AVAILABLE"
        return self._answer(200, {"model_version_status": [{"state": state}]})

    def do_POST(self):
        Handler.asked += 1
        if self.path.endswith(":predict"):
            return self._predict()
        if not self._is_picture(self.content):
            return self._refuse()
        faces = [] if self.fault == "nobody" else [FACE]
        result = {"faces": faces, "timings_ms": {"decode": time.perf_counter()}}
        return self._answer(200, result | self._changing)

    def log_message(self, *_):
        pass

    @cached_property
    def content(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    @property
    def _changing(self) -> dict:
        return {"asked": Handler.asked} if self.fault == "changes its mind" else {}

    def _predict(self):
        try:
            instances = json.loads(self.content)["instances"]
        except ValueError:
            return self._refuse()
        # Of what is no picture, base64 begins otherwise.
        if not all(one["image_bytes"]["b64"].startswith("iVBOR") for one in instances):
            return self._refuse()
        row = [float("nan") if self.fault == "NaN" else 0.5] * 7
        rows = [row] * (1 if self.fault == "one of three" else len(instances))
        return self._answer(200, {"predictions": rows, **self._changing})

    def _is_picture(self, content: bytes) -> bool:
        return b"\x89PNG" in content

    def _refuse(self):
        if self.fault == "dies":
            os._exit(3)
        if self.fault == "500":
            print("Traceback (most recent call last):", file=sys.stderr)
            return self._answer(500, {"error": "something went wrong"})
        return self._answer(400, {} if self.fault == "no reason" else {"error": "no picture"})

    def _answer(self, status: int, body: dict):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(fault: str) -> None:
    if fault in STARTS:
        print(STARTS[fault], file=sys.stderr)
        sys.exit(2)
    if fault == "silent":
        time.sleep(60)
    Handler.fault = fault
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ignored = fault == "goes on"
    signal.signal(signal.SIGTERM, signal.SIG_IGN if ignored else lambda *_: sys.exit(0))
    print(f"Serving on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
