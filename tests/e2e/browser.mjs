// Chromium, driven by playwright-core from the web's own packages. A page opened here keeps what went wrong on it.
import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { chromium } = createRequire(path.join(root, "web/package.json"))("playwright-core");

const FOLDERS = (process.env.PATH ?? "").split(":");
const find = (name) => FOLDERS.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
export const executable = process.env.CHROMIUM ?? find("chromium") ?? find("chromium-browser") ?? find("google-chrome");

/** Screenshots are kept for people, outside git. */
const artefacts = process.env.PELLUCID_ARTEFACTS ?? path.join(root, "e2e-artifacts");
mkdirSync(artefacts, { recursive: true });

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: executable, args: FLAGS });

/** A page of its own in one language and theme. */
async function openPage(browser, { language = "en", theme = "light", width = 1440, height = 1000 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language, timezoneId: "UTC" });
  await context.addInitScript(
    ([l, t]) => {
      localStorage.setItem("pellucid.language", l);
      localStorage.setItem("pellucid.theme", t);
    },
    [language, theme],
  );
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} from ${response.url()}`);
  });
  const origins = new Set();
  page.on("request", (request) => {
    if (request.url().startsWith("http")) origins.add(new URL(request.url()).origin);
  });
  const shot = (name) => page.screenshot({ path: path.join(artefacts, `${name}-${language}-${theme}.png`) });
  return { page, faults, origins, shot, close: () => context.close() };
}

/** Runs `steps` on a page of its own; anything the page complained about, or asked of another server, is a failure. */
export async function visit(browser, server, options, steps) {
  const tab = await openPage(browser, options);
  try {
    await steps(tab);
    assert.deepEqual(tab.faults, [], "the console is silent");
    assert.deepEqual([...tab.origins], [server], "nothing leaves the server");
  } catch (error) {
    await tab.shot("failed");
    throw error;
  } finally {
    await tab.close();
  }
}
