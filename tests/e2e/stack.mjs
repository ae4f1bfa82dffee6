// Starts tests/e2e/stack.py (the real server, the mock, the example app) and talks to it line by line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("stack.py", import.meta.url));

export async function startStack() {
  const python = process.env.PELLUCID_PYTHON ?? "python3";
  const child = spawn(python, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise((resolve) => child.once("exit", resolve));

  async function answer() {
    const { value, done } = await lines.next();
    if (done) throw new Error("the stack ended; its reason stands above");
    return JSON.parse(value);
  }

  async function say(line) {
    child.stdin.write(`${line}\n`);
    return answer();
  }

  const { server, app } = await answer();
  return {
    server,
    app,
    /** What /ask streamed, event by event. */
    ask: (body) => say(`ask ${JSON.stringify(body)}`),
    /** What the mock was asked and what it answered, oldest first. */
    served: () => say("served"),
    /** The rows of a SQL question as objects. */
    async sql(query) {
      const response = await fetch(`${server}/api/v1/sql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${text}`);
      const { columns, rows } = JSON.parse(text);
      return rows.map((row) => Object.fromEntries(row.map((value, at) => [columns[at].name, value])));
    },
    async stop() {
      child.stdin.end();
      const code = await ended;
      if (code !== 0) throw new Error(`the stack ended with ${code}`);
    },
  };
}

/** Polls until `check` gives something true. */
export async function until(what, check, withinMs = 20_000) {
  const end = Date.now() + withinMs;
  while (Date.now() < end) {
    const found = await check();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
}
