"""What `pellucid store export` writes is plain Parquet: DuckDB sums what we sum, and finds long texts in their place."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from stack import Server
from test_lake import CALLS, send, span

LONG = "长文 long text. " * 400
QUESTIONS = {
    "sums": "SELECT count(*), count(DISTINCT trace_id), sum(input_tokens), sum(output_tokens), sum(duration_ns) FROM spans",
    "models": "SELECT request_model, count(*), sum(cost_usd) FROM spans WHERE counts GROUP BY 1 ORDER BY 1",
    "texts": "SELECT sum(length(input_messages)), min(length(attributes['gen_ai.input.messages'])) FROM spans",
}

# A process of its own: a crash inside DuckDB is then a failed test and not the end of all of them.
ASK = """
import duckdb, json, sys
connection = duckdb.connect()
connection.execute(f"CREATE VIEW spans AS SELECT * FROM read_parquet('{sys.argv[1]}')")
ask = lambda sql: [[str(cell) for cell in row] for row in connection.execute(sql).fetchall()]
print(json.dumps({name: ask(sql) for name, sql in json.loads(sys.argv[2]).items()}))
"""


def pellucid(*args):
    done = subprocess.run([os.environ["PELLUCID_BIN"], *args], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def duckdb(path):
    done = subprocess.run([sys.executable, "-c", ASK, path, json.dumps(QUESTIONS)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def with_text(number):
    one = span(number, 5)
    messages = json.dumps([{"role": "user", "parts": [{"type": "text", "content": LONG + str(number)}]}], ensure_ascii=False)
    one["attributes"][-1]["value"]["stringValue"] = messages
    return one


def test_duckdb_reads_an_export():
    with tempfile.TemporaryDirectory(prefix="pellucid-export-") as folder:
        server = Server(folder)
        send(server, [with_text(number) for number in range(CALLS)])
        server.stop()
        # Half in files, half in memory, some in both.
        server = Server(folder)
        send(server, [with_text(number) for number in range(CALLS - 10, CALLS + 50)])
        ours = {name: [[str(cell) for cell in row.values()] for row in server.sql(sql)] for name, sql in QUESTIONS.items()}
        live = pathlib.Path(folder) / "live.parquet"
        pellucid("store", "export", "--url", server.url, "--output", str(live))
        server.stop()
        at_rest = pathlib.Path(folder) / "at-rest.parquet"
        pellucid("store", "export", "--data", str(pathlib.Path(folder) / "data"), "--output", str(at_rest))
        assert ours["sums"][0][0] == str(CALLS + 50)
        assert int(ours["texts"][0][0]) > len(LONG) * CALLS
        assert duckdb(str(live)) == ours
        assert duckdb(str(at_rest)) == ours
