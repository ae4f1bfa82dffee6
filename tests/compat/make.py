"""Makes a fixture pair of the format that a binary writes: `python3 tests/compat/make.py BINARY VERSION`.

`VERSION/closed` is a directory after a stop in order, `VERSION/killed` one after kill -9 with rows in files, in memory and
in the log, `VERSION/merged` one whose files were merged and in which rows of the merged files were replaced since (not in 0.1);
`answers.json` beside them is what that binary answered. A pair is made once, by the last build of its version,
and never again: later builds must open it and answer the same.
"""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BODIES = ROOT / "crates/genai/testdata"
FIRST = ["openlit/tools-and-results", "openlit/stream-guessed-moonshot", "otel_genai/langchain-agent", "traceloop/streams-and-failures"]
SECOND = ["claude_code/answer-and-its-records", "langfuse/trip-with-every-type", "openlit/vector-db"]
SIGNALS = {"resourceSpans": "traces", "resourceLogs": "logs", "resourceMetrics": "metrics"}
QUESTIONS = json.loads((pathlib.Path(__file__).parent / "questions.json").read_text())


def spans(body):
    return [span for part in body.get("resourceSpans", []) for scope in part["scopeSpans"] for span in scope["spans"]]


class Server:
    def __init__(self, binary, data):
        ports = ["--listen", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0", "--otlp-grpc", "127.0.0.1:0"]
        self.process = subprocess.Popen([binary, "serve", "--data", data, *ports], stdout=subprocess.PIPE, text=True)
        self.url = "http://" + json.loads(self.process.stdout.readline())["http"]

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def send(self, names, more=None):
        for name in names:
            body = json.loads((BODIES / f"{name}.json").read_text())
            for span in spans(body) if more else []:
                span["attributes"].append(more)
            for key, signal_name in SIGNALS.items():
                if key in body:
                    self.post(f"/otel/v1/{signal_name}", {key: body[key]})

    def answers(self):
        return {question: self.post("/api/v1/sql", {"query": question})["rows"] for question in QUESTIONS}

    def stop(self, how):
        self.process.send_signal(how)
        self.process.wait(30)


def main(binary, version):
    target = pathlib.Path(__file__).parent / version
    shutil.rmtree(target, ignore_errors=True)
    answers = {}
    for name, how in (("closed", signal.SIGTERM), ("killed", signal.SIGKILL), ("merged", signal.SIGTERM)):
        data = target / name
        data.parent.mkdir(parents=True, exist_ok=True)
        server = Server(binary, str(data))
        server.send(FIRST)
        server.stop(signal.SIGTERM)
        server = Server(binary, str(data))
        # Again what is in files already, and the first part of it changed by records that belong to it.
        server.send(SECOND + FIRST[:1])
        if name == "merged":
            server.stop(signal.SIGTERM)
            subprocess.run([binary, "store", "compact", "--data", str(data)], check=True)
            server = Server(binary, str(data))
            # Later versions of rows in merged files: what they say is more.
            server.send(FIRST[1:3], {"key": "compat.again", "value": {"stringValue": "merged"}})
        answers[name] = server.answers()
        server.stop(how)
    (target / "answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
