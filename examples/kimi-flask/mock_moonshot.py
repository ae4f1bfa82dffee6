"""A small stand-in for Moonshot's HTTP API, standard library only.

Serves what the example uses, in Moonshot's own shapes: `POST /v1/chat/completions` (plain and streamed, the usage of a
stream inside the last chunk's choice), `POST /v1/tokenizers/estimate-token-count`, `GET /v1/models`. A model whose
name contains `fail-429` or `fail-500` answers with that error. Everything it answered is kept in `server.served`,
newest last, and printed as one JSON line a call when run as a program: the truth that tests compare with.

Run alone: python mock_moonshot.py --port 8520
"""

import argparse
import collections
import json
import math
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIRST_TOKEN_S = 0.08
BETWEEN_CHUNKS_S = 0.01
CHUNK_CHARS = 4
MAX_BODY_BYTES = 16 * 1024 * 1024
MODELS = ["moonshot-v1-8k", "moonshot-v1-32k", "moonshot-v1-128k", "kimi-k2-0905-preview"]

STORY = (
    "从前，在一座云雾缭绕的山谷里，住着一只爱提问的小猫头鹰。🦉 每天夜里，它都飞到最高的松树上，问月亮同一个问题："
    "“星星为什么不会掉下来？”\n\n月亮总是笑而不答。直到有一天，小猫头鹰帮迷路的萤火虫找到了家，萤火虫们排成一条发光的小路，"
    "对它说：“因为每一颗星星都被另一颗星星记着。”\n\n从那以后，小猫头鹰不再问了。它把自己记得的朋友一个个讲给月亮听，山谷的夜晚也一天比一天亮。"
)
GREETING = "你好！我是 Kimi，很高兴为你服务。"
ENGLISH = "Hello! I am Kimi. Ask me anything; I answer best in Chinese and in English."
ERRORS = {
    "fail-429": (429, "rate_limit_reached_error", "Your account has reached its request limit, please try again later"),
    "fail-500": (500, "server_error", "The server had an error while processing your request"),
}


def count_tokens(text):
    """Moonshot's rule of thumb: a Chinese character or two a token, four letters a token."""
    wide = sum(1 for c in text if ord(c) > 0x2E80)
    return math.ceil(wide * 0.7) + math.ceil((len(text) - wide) / 4)


def count_prompt(messages):
    return sum(count_tokens(str(m.get("content") or "")) + 4 for m in messages) + 3


def compose(messages):
    """The answer to the last question."""
    question = next((str(m.get("content") or "") for m in reversed(messages) if m.get("role") == "user"), "")
    if "故事" in question or "童话" in question:
        return STORY
    if any(ord(c) > 0x2E80 for c in question):
        return GREETING + (f"文章共 {len(question)} 个字，我读完了。" if len(question) > 200 else "请问有什么可以帮你？")
    return ENGLISH


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "mock-moonshot"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/v1/models":
            models = [{"id": m, "object": "model", "owned_by": "moonshot"} for m in MODELS]
            return self.reply(200, {"object": "list", "data": models})
        self.reply_error(404, "resource_not_found_error", f"no such address: {self.path}")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            return self.reply_error(413, "invalid_request_error", "the request is too large")
        try:
            body = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return self.reply_error(400, "invalid_request_error", "the body is not JSON")
        if not self.headers.get("Authorization", "").startswith("Bearer "):
            return self.reply_error(401, "invalid_authentication_error", "Invalid Authentication")
        if self.path == "/v1/tokenizers/estimate-token-count":
            total = count_prompt(body.get("messages") or [])
            return self.reply(200, {"code": 0, "data": {"total_tokens": total}, "scode": "0x0", "status": True})
        if self.path == "/v1/chat/completions":
            return self.chat(body)
        self.reply_error(404, "resource_not_found_error", f"no such address: {self.path}")

    def chat(self, body):
        model, messages = str(body.get("model") or ""), body.get("messages") or []
        for mark, (status, kind, message) in ERRORS.items():
            if mark in model:
                self.keep(body, status, None, None)
                return self.reply_error(status, kind, message)
        text = compose(messages)
        prompt, completion = count_prompt(messages), count_tokens(text)
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
        self.keep(body, 200, text, usage)
        common = {"id": "cmpl-" + uuid.uuid4().hex, "created": int(time.time()), "model": model}
        if body.get("stream"):
            return self.stream(common, text, usage)
        time.sleep(FIRST_TOKEN_S)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self.reply(200, {**common, "object": "chat.completion", "choices": [choice], "usage": usage})

    def stream(self, common, text, usage):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.flush()
        # Headers come at once, words when the model has begun: OpenLIT's time to the first one starts at the headers.
        time.sleep(FIRST_TOKEN_S)
        deltas = [{"role": "assistant", "content": ""}]
        deltas += [{"content": text[i : i + CHUNK_CHARS]} for i in range(0, len(text), CHUNK_CHARS)]
        choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
        # Moonshot tells the usage of a stream here, where OpenAI's client and OpenLIT do not look for it.
        choices.append({"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage})
        try:
            for choice in choices:
                chunk = {**common, "object": "chat.completion.chunk", "choices": [choice]}
                self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
                self.wfile.flush()
                time.sleep(BETWEEN_CHUNKS_S)
            self.wfile.write(b"data: [DONE]\n\n")
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reader hung up, as readers do

    def keep(self, request, status, text, usage):
        row = {"request": request, "status": status, "text": text, "usage": usage}
        self.server.served.append(row)
        if self.server.loud:
            print(json.dumps(row, ensure_ascii=False), flush=True)

    def reply(self, status, value):
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def reply_error(self, status, kind, message):
        self.reply(status, {"error": {"message": message, "type": kind}})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, loud=False):
        super().__init__(("127.0.0.1", port), Handler)
        self.loud = loud
        self.served = collections.deque(maxlen=1000)
        self.base_url = f"http://127.0.0.1:{self.server_port}/v1"


def start_in_background(port=0):
    """Starts the mock in a thread of this process and gives its base URL."""
    server = Server(port)
    threading.Thread(target=server.serve_forever, name="mock-moonshot", daemon=True).start()
    return server.base_url


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--port", type=int, default=8520, help="0 takes any free port")
    server = Server(arguments.parse_args().port, loud=True)
    print(json.dumps({"ready": True, "base_url": server.base_url}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
