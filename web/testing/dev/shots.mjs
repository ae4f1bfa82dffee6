// Pictures of every page in both themes and languages, with a report of what the console said:
//   node testing/dev/shots.mjs http://127.0.0.1:9529 /tmp/shots [filter]
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:9529", into = "shots", filter = ""] = process.argv.slice(2);
mkdirSync(into, { recursive: true });

const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET });

/** What axe-core finds serious. */
async function axe(page) {
  await page.addScriptTag({ path: new URL("../../node_modules/axe-core/axe.min.js", import.meta.url).pathname });
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical");
}

async function traceOf(kind, search = "") {
  const now = Date.now();
  const page = await (
    await fetch(
      `${base}/api/v1/traces?view=spans&kind=${kind}&from=${now - 86_400_000}&to=${now + 60_000}&limit=40${search}`,
    )
  ).json();
  return page.items.find((row) => row.status !== "error") ?? page.items[0];
}
const [agent, llm] = [await traceOf("agent", "&app=research-agent"), await traceOf("llm", "&app=kimi-chat")];
const now = Date.now();
const failing = (
  await (await fetch(`${base}/api/v1/traces?status=error&from=${now - 86_400_000}&to=${now}&limit=1`)).json()
).items[0];
const talk = (await (await fetch(`${base}/api/v1/sessions?order=calls&limit=1`)).json()).items[0];
const HOURS =
  "SELECT date_trunc('hour', start_time) AS hour, sum(total_tokens) AS tokens FROM llm_calls GROUP BY 1 ORDER BY 1";
const PAGES = [
  ["overview", "/"],
  ["traces", "/traces"],
  ["traces-view", "/traces?view=traces&app=research-agent"],
  ["traces-none", "/traces?q=zzzzzz"],
  ["trace-agent", agent && `/traces/${agent.trace_id}`],
  ["trace-chat", llm && `/traces/${llm.trace_id}?span=${llm.span_id}`],
  ["trace-usage", llm && `/traces/${llm.trace_id}?span=${llm.span_id}&tab=usage`],
  ["trace-origins", llm && `/traces/${llm.trace_id}?span=${llm.span_id}&tab=origins`],
  ["trace-params", llm && `/traces/${llm.trace_id}?span=${llm.span_id}&tab=parameters`],
  ["trace-attributes", llm && `/traces/${llm.trace_id}?span=${llm.span_id}&tab=attributes`],
  ["trace-error", failing && `/traces/${failing.trace_id}?span=${failing.span_id}&tab=errors`],
  ["traces-search", "/traces?q=退款"],
  ["sessions", "/sessions"],
  ["session", talk && `/sessions/${encodeURIComponent(talk.session_id)}`],
  ["users", "/users?order=cost"],
  ["costs", "/costs"],
  ["costs-app", "/costs?by=app"],
  ["explore", `/explore?sql=${encodeURIComponent(HOURS)}`],
  ["connect", "/connect"],
  ["status", "/status"],
];
for (const [theme, language] of [
  ["light", "en"],
  ["dark", "zh-CN"],
  ["dark", "en"],
  ["light", "zh-CN"],
]) {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1440, height: 900 } });
  await context.addInitScript(
    ([theme, language]) => {
      localStorage.setItem("pellucid.theme", theme);
      localStorage.setItem("pellucid.language", language);
    },
    [theme, language],
  );
  for (const [name, path] of PAGES) {
    if (!path || !`${name}-${theme}-${language}`.includes(filter)) continue;
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && console.log("CONSOLE", name, message.text()));
    page.on("pageerror", (error) => console.log("PAGEERROR", name, error.message));
    page.on(
      "request",
      (request) =>
        !request.url().startsWith(base) &&
        !request.url().startsWith("data:") &&
        console.log("FOREIGN", name, request.url()),
    );
    await page.goto(base + path);
    await page.waitForTimeout(name === "overview" ? 2_500 : 1_200);
    if (name === "overview") {
      const height = await page.evaluate(() => document.querySelector("#page")?.scrollHeight ?? 900);
      await page.setViewportSize({ width: 1440, height: Math.min(2_400, height + 60) });
      await page.waitForTimeout(600);
    }
    const serious = await axe(page);
    for (const { id, impact, nodes } of serious)
      console.log(
        "AXE",
        `${name}-${theme}`,
        impact,
        id,
        nodes.length,
        nodes[0].target.join(" "),
        nodes[0].any[0]?.message ?? "",
      );
    await page.screenshot({ path: `${into}/${name}-${theme}-${language}.png` });
    await page.close();
  }
  await context.close();
}
await browser.close();
