"""The article's app with the real OpenLIT, seen through SQL: what was asked and answered is what is stored."""

import decimal
import json
import math

import pytest

from stack import Stack, wait_until

QUESTION = "你好，请给我讲一个童话故事。"
ARRIVES_WITHIN_S = 20


@pytest.fixture(scope="module")
def stack():
    with Stack() as running:
        yield running


def the_call(stack, model, question):
    """The one row of `llm_calls` for this question, once OpenLIT has sent it."""
    rows = wait_until(
        f"a call to {model} is in llm_calls",
        lambda: [
            row
            for row in stack.server.sql(f"SELECT * FROM llm_calls WHERE request_model = '{model}'")
            if question in (row["input_messages"] or "") or row["status"] == "error"
        ],
        ARRIVES_WITHIN_S,
    )
    assert len(rows) == 1, f"{len(rows)} rows for one call"
    return rows[0]


def texts(messages):
    return [part["content"] for message in json.loads(messages) for part in message["parts"] if part["type"] == "text"]


def test_a_streamed_answer_is_one_true_row(stack):
    events = stack.app.ask(QUESTION)
    streamed = "".join(event.get("content", "") for event in events if isinstance(event, dict))
    assert events[-1] == "[DONE]" and "月亮" in streamed
    truth = stack.moonshot.served[-1]
    assert streamed == truth["text"]

    row = the_call(stack, "moonshot-v1-8k", QUESTION)
    assert (row["provider"], row["kind"], row["operation"]) == ("moonshot_ai", "llm", "chat")
    assert row["status"] in ("ok", "unset") and row["service_name"] == "kimi_openlit_flask"
    assert (row["temperature"], row["max_tokens"], row["stream"]) == (0.3, 2048, True)
    assert row["top_p"] is None, "OpenLIT's filler is not what the app asked for"
    assert texts(row["input_messages"]) == [QUESTION]
    assert "Kimi" in row["system_instructions"]
    assert texts(row["output_messages"]) == [truth["text"]]
    assert row["finish_reasons"] == ["stop"]

    # OpenLIT does not find Moonshot's usage in a stream and counts half of the characters; the row says so.
    system = truth["request"]["messages"][0]["content"]
    assert row["usage_source"] == "estimated"
    assert row["output_tokens"] == math.ceil(len(truth["text"]) / 2)
    assert abs(row["input_tokens"] - (len(system) + len(QUESTION)) / 2) < 20
    assert row["total_tokens"] == row["input_tokens"] + row["output_tokens"]

    cost = decimal.Decimal(row["cost_usd"])
    assert cost > 0 and row["cost_source"] == "computed" and row["price_id"]
    assert cost == decimal.Decimal(row["input_cost_usd"]) + decimal.Decimal(row["output_cost_usd"])
    assert row["duration_ns"] > row["ttft_ns"] > 50_000_000, "the mock waits 80 ms before its first word"


def test_a_long_question_takes_the_larger_window(stack):
    question = "请总结下面的文章：" + "可观测性让我们理解系统。" * 900
    model = next(event["model"] for event in stack.app.ask(question) if "model" in event)
    assert model == "moonshot-v1-32k"
    row = the_call(stack, model, "可观测性让我们理解系统。")
    assert texts(row["input_messages"]) == [question], "nothing is cut"


def test_a_refused_call_is_an_error(stack):
    events = stack.app.ask("出错", model="moonshot-v1-fail-429")
    assert any("429" in event.get("error", "") for event in events if isinstance(event, dict))
    row = the_call(stack, "moonshot-v1-fail-429", "出错")
    assert (row["status"], row["error_type"]) == ("error", "RateLimitError")
    assert row["cost_usd"] is None, "an unknown cost is not zero"


def test_flask_and_the_token_estimate_are_spans_beside_it(stack):
    names = wait_until(
        "the POST /ask spans of Flask",
        lambda: {row["name"] for row in stack.server.sql("SELECT DISTINCT name FROM spans")},
        ARRIVES_WITHIN_S,
    )
    assert any("/ask" in name for name in names), names
    estimates = stack.server.sql(
        "SELECT count(*) AS n FROM spans WHERE array_to_string(map_values(attributes), ' ') LIKE '%estimate-token-count%'"
    )
    assert estimates[0]["n"] >= 2


def test_the_sums_are_the_rows(stack):
    calls = stack.server.sql("SELECT request_model, total_tokens, cost_usd FROM llm_calls")
    sums = stack.server.sql("SELECT count(*) AS n, sum(total_tokens) AS tokens, sum(cost_usd) AS cost FROM llm_calls")[0]
    assert sums["n"] == len(calls)
    assert sums["tokens"] == sum(row["total_tokens"] or 0 for row in calls)
    priced = [decimal.Decimal(row["cost_usd"]) for row in calls if row["cost_usd"] is not None]
    assert decimal.Decimal(sums["cost"]) == sum(priced)


def test_openlit_sends_logs_and_metrics_too(stack):
    logs = "SELECT count(*) AS n FROM logs WHERE event_name = 'gen_ai.client.inference.operation.details'"
    wait_until("OpenLIT's log events are stored", lambda: stack.server.sql(logs)[0]["n"] >= 2, ARRIVES_WITHIN_S)
