"""Kimi behind Flask, watched by OpenLIT: the whole integration is the one `openlit.init` line.

POST /ask {"question": "…", "model"?: "…"} streams the answer as server-sent events:
`data: {"model": …}`, then `data: {"content": …}` for every piece, then `data: [DONE]`; a failed call ends in
`data: {"error": …}`.

With MOONSHOT_API_KEY set it talks to api.moonshot.cn; without a key it talks to `mock_moonshot.py`, started here on
a free port. MOONSHOT_BASE_URL and PORT override the rest.
"""

import json
import os

import httpx
import openlit
from flask import Flask, Response, request, stream_with_context
from openai import OpenAI, OpenAIError
from opentelemetry.instrumentation.flask import FlaskInstrumentor

import mock_moonshot

app = Flask(__name__)
FlaskInstrumentor().instrument_app(app)

# Another address needs no change here: the exporters read OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_ENDPOINT first.
openlit.init(otlp_endpoint="http://127.0.0.1:9529/otel", application_name="kimi_openlit_flask")

API_KEY = os.environ.get("MOONSHOT_API_KEY", "")
BASE_URL = os.environ.get("MOONSHOT_BASE_URL") or (
    "https://api.moonshot.cn/v1" if API_KEY else mock_moonshot.start_in_background()
)
client = OpenAI(api_key=API_KEY or "sk-no-key-needed-by-the-mock", base_url=BASE_URL)

SYSTEM_PROMPT = (
    "你是 Kimi，由 Moonshot AI 提供的人工智能助手，你更擅长中文和英文的对话。"
    "你会为用户提供安全、有帮助、准确的回答。"
)
TEMPERATURE = 0.3
MAX_ANSWER_TOKENS = 2048
# Moonshot sells one model by the size of its window: (largest prompt + answer in tokens, model).
MODELS = [(8 * 1024, "moonshot-v1-8k"), (32 * 1024, "moonshot-v1-32k"), (128 * 1024, "moonshot-v1-128k")]


def estimate_tokens(messages):
    """Asks Moonshot how many tokens these messages are."""
    answer = httpx.post(
        f"{BASE_URL}/tokenizers/estimate-token-count",
        headers={"Authorization": f"Bearer {client.api_key}"},
        json={"model": MODELS[-1][1], "messages": messages},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["data"]["total_tokens"]


def choose_model(messages):
    """The cheapest model whose window holds the prompt and a full answer."""
    needed = estimate_tokens(messages) + MAX_ANSWER_TOKENS
    for window, model in MODELS:
        if needed <= window:
            return model
    raise ValueError(f"the question needs {needed} tokens, more than any model takes")


def event(data):
    """One server-sent event; Chinese stays readable on the wire."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def answer_events(model, messages):
    """The model's answer as server-sent events, piece by piece."""
    yield event({"model": model})
    try:
        stream = client.chat.completions.create(
            model=model,
            messages=messages,
            temperature=TEMPERATURE,
            max_tokens=MAX_ANSWER_TOKENS,
            stream=True,
        )
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield event({"content": chunk.choices[0].delta.content})
    except OpenAIError as error:
        yield event({"error": str(error)})
    yield "data: [DONE]\n\n"


@app.post("/ask")
def ask():
    body = request.get_json(silent=True) or {}
    question = str(body.get("question") or "").strip()
    if not question:
        return {"error": 'send {"question": "…"}'}, 400
    messages = [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}]
    try:
        model = body.get("model") or choose_model(messages)
    except ValueError as error:
        return {"error": str(error)}, 413
    except httpx.HTTPError as error:
        return {"error": f"Moonshot cannot be reached: {error}"}, 502
    return Response(stream_with_context(answer_events(model, messages)), mimetype="text/event-stream")


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "5000"))
    print(f"asking {BASE_URL}; try: curl -N http://127.0.0.1:{port}/ask --json '{{\"question\": \"你好，请给我讲一个童话故事。\"}}'", flush=True)
    app.run(host="127.0.0.1", port=port, threaded=True)
