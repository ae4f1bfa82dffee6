"""The sums of `cargo xtask bench query` over the same files: prints one JSON line per question.

Arguments: data directory, the last moment in nanoseconds, rounds, threads. Needs the package duckdb.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

data, end, rounds, threads = sys.argv[1], *map(int, sys.argv[2:5])
files = [str(path) for path in Path(data, "data/main/spans").glob("*.parquet")]
files = [path for path in files if not path.endswith(("-texts.parquet", "-delete.parquet"))]
db = duckdb.connect()
db.execute(f"SET threads = {threads}")
db.execute("SET TimeZone = 'UTC'")
CALLS = "counts AND kind IN ('llm', 'embedding', 'rerank')"
DAY = 86_400_000_000_000
QUESTIONS = {
    "tokens and cost by model and hour": f"""
        SELECT epoch_ns(start_time) // 3600000000000, coalesce(response_model, request_model),
          sum(input_tokens), sum(output_tokens), sum(cost_usd)
        FROM read_parquet(?) WHERE {CALLS} GROUP BY 1, 2 ORDER BY 1, 2""",
    "p95 latency by model, a day": f"""
        SELECT coalesce(response_model, request_model), quantile_cont(duration_ns, 0.95)
        FROM read_parquet(?) WHERE {CALLS} AND epoch_ns(start_time) >= {end - DAY} GROUP BY 1""",
}
for name, sql in QUESTIONS.items():
    times = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        rows = db.execute(sql, [files]).fetchall()
        times.append((time.perf_counter() - began) * 1e3)
    times = sorted(times[1:])
    print(json.dumps({"name": name, "rows": len(rows), "p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100]}))
