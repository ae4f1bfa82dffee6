// A conversation of three turns, as an SDK sends it: what Sessions, Users, Costs, Explore and the search box make of it,
// in both languages and both themes, with the numbers that SQL gives and a silent console.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { executable, launch, visit } from "./browser.mjs";
import { startStack } from "./stack.mjs";

const SESSION = "对话-1 & more";
const USER = "韩梅梅";
const MODEL = "gpt-4o-mini";
const TURNS = [
  ["我要退款，订单 20451", "退款申请已经通过审核。"],
  ["什么时候到账？", "一到三个工作日。"],
  ["<img src=x onerror=alert(1)>", "**谢谢**"],
];

const missing = !executable && "no Chromium here (name one in CHROMIUM)";
if (missing && process.env.CI) throw new Error(missing);

const packed = (text) => text.replace(/\s+/g, "");
const messages = (role, content) => JSON.stringify([{ role, parts: [{ type: "text", content }] }]);
const text = (key, stringValue) => ({ key, value: { stringValue } });
const whole = (key, intValue) => ({ key, value: { intValue } });

/** One turn: a trace with one call, some minutes ago. */
function turn([question, answer], number) {
  const start = BigInt(Date.now() - (10 - number) * 60_000) * 1_000_000n;
  return {
    traceId: `${number + 1}`.repeat(32),
    spanId: `${number + 1}`.repeat(16),
    name: `chat ${MODEL}`,
    kind: 3,
    startTimeUnixNano: `${start}`,
    endTimeUnixNano: `${start + 2_000_000_000n}`,
    attributes: [
      text("gen_ai.operation.name", "chat"),
      text("gen_ai.provider.name", "openai"),
      text("gen_ai.request.model", MODEL),
      text("gen_ai.conversation.id", SESSION),
      text("user.id", USER),
      whole("gen_ai.usage.input_tokens", 100_000 + number),
      whole("gen_ai.usage.output_tokens", 20_000),
      text("gen_ai.input.messages", messages("user", question)),
      text("gen_ai.output.messages", messages("assistant", answer)),
    ],
  };
}

describe("a conversation", { skip: missing, timeout: 240_000 }, () => {
  let stack, browser, sums;

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launch()]);
    const resource = { attributes: [text("service.name", "shop")] };
    const scopeSpans = [{ scope: { name: "test" }, spans: TURNS.map(turn) }];
    const sent = await fetch(`${stack.server}/otlp/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
    });
    assert.equal(sent.status, 200, await sent.text());
    [sums] = await stack.sql(
      "SELECT count(*) AS calls, sum(total_tokens) AS tokens, sum(cost_usd) AS cost FROM llm_calls",
    );
    assert.equal(sums.calls, TURNS.length);
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  /** How the pages write this sum of money. */
  const cost = () => `$${Number(sums.cost).toPrecision(2)}`;
  /** Runs `steps` in both languages and themes; a complaint on the console is a failure. */
  const everywhere = (name, steps) => {
    for (const [language, theme] of [
      ["en", "light"],
      ["zh-CN", "dark"],
    ]) {
      test(`${name} (${language}, ${theme})`, () => visit(browser, stack.server, { language, theme }, steps));
    }
  };

  everywhere("Sessions lists it and reads it turn by turn", async ({ page, shot }) => {
    await page.goto(`${stack.server}/sessions?range=1h`);
    const row = page.getByRole("row").filter({ hasText: TURNS[0][0] });
    await row.waitFor();
    const told = packed(await row.innerText());
    for (const part of [SESSION, USER, MODEL, cost()]) assert.ok(told.includes(packed(part)), `${part} in ${told}`);
    await shot("sessions");
    await row.click();
    await page.getByRole("article").nth(2).waitFor();
    const cards = await page.getByRole("article").allInnerTexts();
    TURNS.forEach(([question], at) => assert.ok(cards[at].includes(question), `${question} is not in turn ${at + 1}`));
    assert.equal(await page.locator("main img").count(), 0, "text is never markup");
    assert.equal(await page.locator("main strong").innerText(), "谢谢");
    await shot("session");
    await page.getByRole("article").first().getByRole("link").click();
    await page.waitForURL(`**/traces/${"1".repeat(32)}**`);
  });

  everywhere("Users tells what somebody cost", async ({ page, shot }) => {
    await page.goto(`${stack.server}/users?range=1h&order=cost`);
    const row = page.getByRole("row").filter({ hasText: USER });
    await row.waitFor();
    assert.ok(packed(await row.innerText()).includes(cost()));
    await shot("users");
  });

  everywhere("Costs splits the sum, and by app as well", async ({ page, shot }) => {
    await page.goto(`${stack.server}/costs?range=1h`);
    const row = page.getByRole("row").filter({ hasText: MODEL });
    await row.waitFor();
    assert.ok(packed(await row.innerText()).includes(cost()));
    assert.ok(packed(await row.innerText()).includes("100%"));
    await page.goto(`${stack.server}/costs?range=1h&by=app`);
    await page.getByRole("row").filter({ hasText: "shop" }).waitFor();
    await shot("costs");
  });

  everywhere("Explore answers a question in an address", async ({ page, shot }) => {
    const sql = "SELECT session_id, sum(total_tokens) AS tokens FROM llm_calls GROUP BY 1";
    await page.goto(`${stack.server}/explore?sql=${encodeURIComponent(sql)}`);
    await page.getByRole("cell", { name: String(sums.tokens), exact: true }).waitFor();
    await page.getByRole("textbox").first().waitFor();
    await shot("explore");
    await page.getByRole("link", { name: SESSION }).click();
    await page.getByRole("article").first().waitFor();
  });

  everywhere("a word inside a Chinese sentence is found and marked", async ({ page, shot }) => {
    await page.goto(`${stack.server}/traces?range=1h&q=退款`);
    await page.locator("mark").first().waitFor();
    assert.equal(await page.locator("mark").first().innerText(), "退款");
    assert.equal(await page.getByRole("row").filter({ has: page.locator("mark") }).count(), 1);
    await shot("search");
  });
});
