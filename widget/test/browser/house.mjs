/** A browser, a page and a pretended desk for each test; no test of its own. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { FakeDesk } from "../fake-desk.mjs";

/** @import {Browser, BrowserContext, BrowserContextOptions, Page} from "playwright-core" */

const FOUND = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => path && existsSync(path));
const FLAGS = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Chromium's own sandbox does not start as root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** @type {Browser | undefined} one for all tests of a file; what they store is kept apart. */
let browser;

after(async () => {
  await browser?.close();
});

/** What a phone of a usual size is to the browser. */
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/**
 * @typedef {object} House
 * @property {FakeDesk} desk
 * @property {string} address
 * @property {BrowserContext} context
 * @property {Page} page on the example page, the chat not yet opened.
 */

/**
 * Runs one test in a browser of its own context, and fails it for any error the page reports.
 *
 * @param {string} name
 * @param {(house: House) => Promise<void>} body
 * @param {BrowserContextOptions} [options]
 */
export function browserTest(name, body, options = {}) {
  // A missing browser is no reason to pass where all must be there, as in CI.
  const isAllowedToSkip = process.env.REQUIRE_SERVICES !== "1";
  const skip = !FOUND && isAllowedToSkip ? "no Chromium found: set CHROMIUM to its path" : false;
  test(name, { skip, timeout: 90_000 }, async () => {
    assert.ok(FOUND, "no Chromium found: install it, or set CHROMIUM to its path");
    const desk = new FakeDesk();
    const address = await desk.listen();
    browser ??= await chromium.launch({ executablePath: FOUND, args: FLAGS });
    const context = await browser.newContext({ locale: "en-US", viewport: { width: 1280, height: 800 }, ...options });
    try {
      const page = await newPage(context, address);
      await body({ desk, address, context, page });
      assert.deepEqual(errorsOf(page), []);
    } finally {
      await context.close();
      await desk.close();
    }
  });
}

/** @type {WeakMap<Page, string[]>} */
const reported = new WeakMap();

/**
 * @param {BrowserContext} context
 * @param {string} address
 * @returns {Promise<Page>} another tab.
 */
export async function newPage(context, address) {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  /** @type {string[]} */
  const errors = [];
  reported.set(page, errors);
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // Failed requests are what many tests are about; a broken policy never is.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) errors.push(message.text());
  });
  await page.goto(`${address}/`);
  return page;
}

/** @param {Page} page */
export function errorsOf(page) {
  return reported.get(page) ?? [];
}

/** @param {Page} page */
export async function openChat(page) {
  await page.getByRole("button", { name: /^Chat with us/ }).click();
  await page.getByRole("dialog", { name: "Family support chat" }).waitFor();
}

/** @param {Page} page */
export function box(page) {
  return page.getByRole("textbox", { name: "Your message" });
}

/**
 * @param {Page} page
 * @param {string} text
 */
export async function say(page, text) {
  await box(page).fill(text);
  await page.getByRole("button", { name: /^(Send|Agree and send)$/ }).click();
}

/**
 * @param {Page} page
 * @param {string | RegExp} text
 */
export function inLog(page, text) {
  return page.getByRole("log").getByText(text);
}

/**
 * @param {Page} page
 * @param {string} text
 */
export function inLine(page, text) {
  return page.getByRole("region", { name: "Waiting for a specialist" }).getByText(text);
}

/**
 * Waits for a greeting's answer, so that a conversation is there.
 *
 * @param {Page} page
 */
export async function begin(page) {
  await openChat(page);
  await say(page, "hello");
  await inLog(page, "Ask me anything.").last().waitFor();
  await inLog(page, "I am glad that you are here.").waitFor();
}

/**
 * @param {Page} page
 * @returns {Promise<string[]>} the visible conversation, one line a message: who, and what.
 */
export function transcript(page) {
  return page.locator("support-chat").evaluate((host) => (
    [...(host.shadowRoot?.querySelectorAll(".messages > li") ?? [])].map((item) => {
      const who = item.querySelector(".byline strong")?.textContent ?? "";
      const what = item.querySelector(".bubble")?.textContent ?? "";
      return `${who}: ${what.slice(0, 40)}`;
    })));
}

/**
 * Waits until something is so.
 *
 * @param {() => Promise<boolean> | boolean} isSo
 * @param {string} what
 */
export async function until(isSo, what) {
  const end = Date.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < end, `still waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Holds the page to WCAG 2.2 at levels A and AA, as far as a machine can.
 *
 * @param {Page} page
 * @param {string} state what is in view, for the report.
 */
export async function checkAccess(page, state) {
  await page.waitForTimeout(250);
  await page.evaluate(AXE);
  const found = await page.evaluate(async (tags) => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.map((/** @type {any} */ each) => `${each.id}: ${each.nodes.map((/** @type {any} */ node) => node.html.slice(0, 160)).join(" | ")}`);
  }, AXE_TAGS);
  assert.deepEqual(found, [], state);
}
