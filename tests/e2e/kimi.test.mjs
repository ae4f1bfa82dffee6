// What a person sees after asking Kimi one question: the call on Overview, in the list, and on its own page, in both
// languages and both themes, with the numbers that SQL gives and a silent console.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { executable, launch, visit as visitPage } from "./browser.mjs";
import { startStack, until } from "./stack.mjs";

const QUESTION = "你好，请给我讲一个童话故事。";
const MODEL = "moonshot-v1-8k";
const APP = "kimi_openlit_flask";
const WORDS = {
  en: { requests: "Requests", cost: "Cost", estimated: "estimated", parameters: "Parameters" },
  "zh-CN": { requests: "请求总数", cost: "费用", estimated: "估算", parameters: "参数" },
};

const missing = !executable && "no Chromium here (name one in CHROMIUM)";
if (missing && process.env.CI) throw new Error(missing);

/** Text without blanks: a page may break lines where it likes. */
const packed = (text) => text.replace(/\s+/g, "");

describe("one question to Kimi", { skip: missing, timeout: 240_000 }, () => {
  let stack, browser, call, truth;

  before(async () => {
    [stack, browser] = await Promise.all([startStack(), launch()]);
    await stack.ask({ question: QUESTION });
    truth = (await stack.served()).at(-1);
    const rows = () => stack.sql(`SELECT * FROM llm_calls WHERE request_model = '${MODEL}'`);
    [call] = await until("the call is stored", async () => ((await rows()).length ? rows() : null));
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  for (const language of Object.keys(WORDS)) {
    for (const theme of ["light", "dark"]) {
      test(`Overview shows it (${language}, ${theme})`, () =>
        visit(language, theme, async ({ page, shot }) => {
          await page.goto(`${stack.server}/?range=1h`);
          await page.getByText(QUESTION.slice(0, 8)).first().waitFor();
          const text = packed(await page.locator("body").innerText());
          for (const part of [APP, MODEL, truth.text.slice(0, 8), WORDS[language].requests, WORDS[language].cost]) {
            assert.ok(text.includes(packed(part)), `${part} is not on Overview:\n${text}`);
          }
          await shot("overview");
          const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
          const [red] = background.match(/[\d.]+/g).map(Number);
          assert.equal(isDark(background, red), theme === "dark", `${theme} page on ${background}`);
        }));

      test(`its own page tells all of it (${language}, ${theme})`, () =>
        visit(language, theme, async ({ page, shot }) => {
          await page.goto(`${stack.server}/traces/${call.trace_id}?span=${call.span_id}`);
          await page.getByText(truth.text.slice(0, 10)).first().waitFor();
          const text = packed(await page.locator("body").innerText());
          for (const part of [QUESTION, truth.text, MODEL, WORDS[language].estimated]) {
            assert.ok(text.includes(packed(part)), `${part} is not on the page:\n${text}`);
          }
          await sees(page, String(call.input_tokens));
          await sees(page, String(call.output_tokens));
          await sees(page, `$${Number(call.cost_usd).toPrecision(2)}`.slice(0, 7));
          await sees(page, duration(call.duration_ns));
          await shot("trace");
          await page.getByRole("tab", { name: WORDS[language].parameters }).click();
          await page.getByText("temperature", { exact: true }).waitFor();
          const parameters = packed(await page.getByRole("tabpanel").innerText());
          assert.match(parameters, /temperature0\.3/);
          assert.match(parameters, /max_tokens2,?048/);
          await shot("parameters");
        }));
    }
  }

  test("the list finds it by word, by model and by app, and leads to its page", () =>
    visit("zh-CN", "light", async ({ page, shot }) => {
      // Asked for a word, a row shows the words around it in place of the beginning.
      const row = page.getByRole("row").filter({ hasText: "童话故事" });
      for (const search of ["", "&q=童话", `&model=${MODEL}`, `&app=${APP}`]) {
        await page.goto(`${stack.server}/traces?range=1h${search}`);
        await row.first().waitFor();
      }
      await shot("traces");
      await page.goto(`${stack.server}/traces?range=1h&model=no-such-model`);
      await until("another model finds nothing", async () => (await row.count()) === 0);
      await page.goto(`${stack.server}/traces?range=1h`);
      await row.first().click();
      await page.waitForURL(`**/traces/${call.trace_id}**`);
      await page.getByText(truth.text.slice(0, 10)).first().waitFor();
    }));

  test("the numbers of Overview are those of SQL", () =>
    visit("en", "light", async ({ page }) => {
      const frames = [];
      page.on("response", async (response) => {
        if (response.url().endsWith("/api/v1/query")) frames.push(await response.json().catch(() => null));
      });
      await page.goto(`${stack.server}/?range=1h`);
      await page.getByText(QUESTION.slice(0, 8)).first().waitFor();
      const [sums] = await stack.sql(
        "SELECT count(*) AS requests, sum(total_tokens) AS tokens, sum(input_tokens) AS input, sum(output_tokens) AS output FROM llm_calls",
      );
      const text = packed(await page.locator("main").innerText());
      for (const [label, value] of [
        ["Requests", sums.requests],
        ["Tokens", sums.tokens],
        ["Inputtokens", sums.input],
        ["Outputtokens", sums.output],
      ]) {
        assert.ok(text.includes(`${label}${value.toLocaleString("en-US")}`), `${label} is not ${value}:\n${text.slice(0, 600)}`);
      }
      assert.ok(frames.length > 0, "Overview asked the metric catalogue");
    }));

  test("the language and the theme can be switched by hand", () =>
    visit("en", "light", async ({ page }) => {
      await page.goto(`${stack.server}/?range=1h`);
      await page.getByRole("combobox", { name: "Language" }).selectOption("zh-CN");
      await page.getByText(WORDS["zh-CN"].requests, { exact: true }).first().waitFor();
      await page.getByRole("button", { name: /主题|Theme/ }).first().click();
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    }));

  const visit = (language, theme, steps) => visitPage(browser, stack.server, { language, theme }, steps);
});

/** Visible text or a tooltip that contains `part`. */
async function sees(page, part) {
  const inText = packed(await page.locator("body").innerText()).includes(packed(part));
  const inTooltip = await page.locator(`[title*="${part}"]`).count();
  assert.ok(inText || inTooltip > 0, `${part} is neither on the page nor in a tooltip`);
}

/** The page's own way of writing a duration, for the lengths that occur here. */
function duration(ns) {
  const ms = ns / 1e6;
  return ms < 999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

function isDark(background, red) {
  // rgb() counts to 255, oklch() and color() to 1.
  return background.startsWith("rgb") ? red < 100 : red < 0.5;
}
