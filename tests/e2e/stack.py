"""The real server, a mock of Moonshot and the example app with the real OpenLIT, each a process or thread of its own.

As a module: `with Stack() as stack: …`. As a program: prints one JSON line with the addresses, then one line for each
line read on stdin (`ask {"question": …}` → the server-sent events that /ask answered, as a JSON list; `served` → what
the mock answered so far), and ends when stdin closes: that is how the browser tests use it.
"""

import contextlib
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "kimi-flask"
sys.path.insert(0, str(EXAMPLE))
import mock_moonshot  # noqa: E402

READY_WITHIN_S = 30
# OpenLIT looks for its price list on the internet first; that may time out before the app listens.
APP_READY_WITHIN_S = 90
STOPPED_WITHIN_S = 20


def http(method, url, body=None, timeout=30):
    """One request; gives the status and the body as text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_until(what, check, timeout_s):
    """Polls `check` until it gives something true; fails with `what` when the time is over."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if found := check():
                return found
        time.sleep(0.1)
    raise AssertionError(f"not within {timeout_s} s: {what}")


class Server:
    """The binary named by PELLUCID_BIN on a directory of its own."""

    def __init__(self, folder):
        binary = os.environ.get("PELLUCID_BIN")
        if not binary or not os.path.exists(binary):
            raise RuntimeError(f"PELLUCID_BIN names no binary: {binary!r}")
        ports = ["--listen", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0"]
        command = [binary, "serve", "--data", os.path.join(folder, "data"), *ports]
        self.log = open(os.path.join(folder, "server.log"), "w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL)
        self.url = f"http://{self._ready_line()['http']}"

    def _ready_line(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in self.process.stdout], daemon=True).start()
        end = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(queue.Empty, ValueError):
                ready = json.loads(lines.get(timeout=0.2))
                if ready.get("ready"):
                    return ready
        raise AssertionError(f"the server was not ready in time:\n{self.logged()}")

    def logged(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def sql(self, query):
        """The rows as dictionaries."""
        status, text = http("POST", f"{self.url}/api/v1/sql", {"query": query})
        assert status == 200, f"{status}: {text}"
        answer = json.loads(text)
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row)) for row in answer["rows"]]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOPPED_WITHIN_S)
        finally:
            self.process.kill()
        assert code == 0, f"the server ended with {code}:\n{self.logged()}"


class App:
    """examples/kimi-flask/app.py as it stands; only environment variables send it here."""

    def __init__(self, folder, otlp_url, moonshot_url):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OPENLIT_", "MOONSHOT_"))},
            "PORT": "0",
            "MOONSHOT_BASE_URL": moonshot_url,
            **{f"OTEL_EXPORTER_OTLP_{s.upper()}_ENDPOINT": f"{otlp_url}/v1/{s}" for s in ("traces", "metrics", "logs")},
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "PYTHONUNBUFFERED": "1",
        }
        self.log = open(os.path.join(folder, "app.log"), "w+")
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=EXAMPLE,
            env=environment,
            stdout=self.log,
            stderr=self.log,
            stdin=subprocess.DEVNULL,
            # A shell starts what it puts into the background with SIGINT ignored, and so is everything below it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.url = wait_until("the app listens", self._address, APP_READY_WITHIN_S)

    def logged(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def _address(self):
        assert self.process.poll() is None, f"the app ended:\n{self.logged()}"
        mark = "Running on http://127.0.0.1:"
        found = [line for line in self.logged().splitlines() if mark in line]
        return "http://127.0.0.1:" + found[0].split(mark)[1].split()[0] if found else None

    def ask(self, question, **more):
        """What /ask streamed, event by event."""
        status, text = http("POST", f"{self.url}/ask", {"question": question, **more}, timeout=60)
        assert status == 200, f"{status}: {text}\n{self.logged()}"
        events = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
        return [event if event == "[DONE]" else json.loads(event) for event in events]

    def stop(self):
        """As Ctrl-C does, so that OpenLIT sends what it still holds."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOPPED_WITHIN_S)
        finally:
            self.process.kill()


class Stack:
    """All three, started together and stopped in the right order."""

    def __enter__(self):
        self._exits = contextlib.ExitStack()
        with contextlib.ExitStack() as exits:
            folder = exits.enter_context(tempfile.TemporaryDirectory(prefix="pellucid-e2e-"))
            self.moonshot = mock_moonshot.Server()
            threading.Thread(target=self.moonshot.serve_forever, daemon=True).start()
            self.server = Server(folder)
            exits.callback(self.server.stop)
            self.app = App(folder, f"{self.server.url}/otel", self.moonshot.base_url)
            exits.callback(self.app.stop)
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_):
        self._exits.close()


def main():
    with Stack() as stack:
        print(json.dumps({"server": stack.server.url, "app": stack.app.url}), flush=True)
        for line in sys.stdin:
            verb, _, rest = line.strip().partition(" ")
            answer = stack.app.ask(**json.loads(rest)) if verb == "ask" else list(stack.moonshot.served)
            print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
