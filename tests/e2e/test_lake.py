"""Another program reads our directory: DuckDB attaches the catalogue as a DuckLake and counts what we count."""

import pathlib
import shutil
import tempfile
import time

import duckdb
import duckdb_extension_ducklake
import duckdb_extension_sqlite

from stack import Server, http

DAY_NS = 86_400 * 10**9
CALLS = 300


def attribute(key, value):
    kind = {int: "intValue", float: "doubleValue", str: "stringValue"}[type(value)]
    return {"key": key, "value": {kind: str(value) if kind == "intValue" else value}}


def span(number, output_tokens):
    start = time.time_ns() - DAY_NS + number * 10**9
    return {
        "traceId": f"{number // 3 + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": f"chat {number}",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + (number + 1) * 10**6 + output_tokens),
        "attributes": [
            attribute("gen_ai.operation.name", "chat"),
            attribute("gen_ai.provider.name", "openai"),
            attribute("gen_ai.request.model", ["gpt-4o-mini", "gpt-4o"][number % 2]),
            attribute("gen_ai.usage.input_tokens", 10 + number),
            attribute("gen_ai.usage.output_tokens", output_tokens),
            attribute("gen_ai.request.temperature", 0.5),
            attribute("gen_ai.input.messages", f'[{{"role":"user","parts":[{{"type":"text","content":"退款 {number}"}}]}}]'),
        ],
    }


def send(server, spans):
    resource = {"attributes": [attribute("service.name", "lake")]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
    status, text = http("POST", f"{server.url}/otlp/v1/traces", body)
    assert status == 200, text


def attach(folder):
    """DuckDB without a network: its extensions come as Python packages."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true", "extension_directory": f"{folder}/ext"})
    for package, name in ((duckdb_extension_sqlite, "sqlite_scanner"), (duckdb_extension_ducklake, "ducklake")):
        found = next(pathlib.Path(package.__file__).parent.rglob("*.duckdb_extension"))
        # DuckDB takes the entry point's name from the file's.
        named = pathlib.Path(folder) / f"{name}.duckdb_extension"
        shutil.copy(found, named)
        connection.execute(f"LOAD '{named}'")
    data = pathlib.Path(folder) / "data"
    connection.execute(
        f"ATTACH 'ducklake:sqlite:{data}/catalog.sqlite' AS lake (READ_ONLY, DATA_PATH '{data}/data/', OVERRIDE_DATA_PATH true)"
    )
    return connection


QUESTIONS = {
    "spans": "SELECT count(*), count(DISTINCT trace_id), sum(input_tokens), sum(output_tokens), sum(duration_ns) FROM spans",
    "models": "SELECT request_model, count(*), sum(cost_usd) FROM spans WHERE counts GROUP BY 1 ORDER BY 1",
    "one": "SELECT name, output_tokens FROM spans WHERE span_id = '000000000000000b'",
    "attributes": "SELECT count(*) FROM spans WHERE attributes['gen_ai.request.model'] = 'gpt-4o'",
}


def answers(ask):
    return {name: [tuple(str(cell) for cell in row) for row in ask(question)] for name, question in QUESTIONS.items()}


def test_duckdb_reads_what_we_wrote():
    with tempfile.TemporaryDirectory(prefix="pellucid-lake-") as folder:
        server = Server(folder)
        send(server, [span(number, 5) for number in range(CALLS)])
        server.stop()
        # Later versions of rows that are in files already: the old ones must be gone for DuckDB too.
        server = Server(folder)
        send(server, [span(number, 1000) for number in range(0, CALLS, 7)])
        ours = answers(lambda question: [tuple(row.values()) for row in server.sql(question)])
        server.stop()
        connection = attach(folder)
        connection.execute("USE lake")
        theirs = answers(lambda question: connection.execute(question).fetchall())
        connection.close()
    assert ours["spans"][0][0] == str(CALLS)
    assert theirs == ours
