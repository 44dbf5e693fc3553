import assert from "node:assert/strict";
import { test } from "node:test";

import { strings } from "../../src/strings.js";
import { callableNumbers, formatDate, formatOpening, formatTime, readText, telephone } from "../../src/view/text.js";

/** @import {Block} from "../../src/types.js" */

const NUMBERS = ["911", "988"];

/**
 * Writes blocks down so that a test can be read: links in brackets.
 *
 * @param {Block[]} blocks
 */
function shown(blocks) {
  const line = (/** @type {import("../../src/types.js").Span[]} */ spans) => (
    spans.map(({ text, href }) => (href ? `[${text}](${href})` : text)).join(""));
  return blocks.map((block) => (block.kind === "list" ? block.items.map((item) => `* ${line(item)}`) : block.lines.map(line)));
}

test("blank lines part paragraphs, dashes make lists, other lines break", () => {
  const text = "One.\n\nThese:\n- first\n- second\nAfter.\r\n\r\nLast\nline.";
  assert.deepEqual(shown(readText(text)), [["One."], ["These:"], ["* first", "* second"], ["After."], ["Last", "line."]]);
});

test("lists on both sides of a blank line stay apart, and empty text is nothing", () => {
  assert.deepEqual(shown(readText("- a\n\n- b")), [["* a"], ["* b"]]);
  assert.deepEqual(readText(" \n\n\t\n"), []);
});

test("a dash inside a line, or without a space, is no list", () => {
  assert.deepEqual(shown(readText("well-known - and so on\n-5 degrees")), [["well-known - and so on", "-5 degrees"]]);
});

test("markup is words like any other", () => {
  const text = "<img src=x onerror=alert(1)> <b>&amp;</b> [a](javascript:alert(1))";
  assert.deepEqual(readText(text, { hasLinks: true, numbers: NUMBERS }), [{ kind: "paragraph", lines: [[{ text, href: null }]] }]);
});

test("known numbers, phone numbers and https addresses become links", () => {
  const text = "Call 911, or 988. Then 1-800-222-1222 or (833) 852-6262.";
  assert.deepEqual(shown(readText(text, { hasLinks: true, numbers: NUMBERS })), [[
    "Call [911](tel:911), or [988](tel:988). Then [1-800-222-1222](tel:18002221222) or [(833) 852-6262](tel:8338526262).",
  ]]);
  assert.deepEqual(shown(readText("See https://cancer.gov/all, please.", { hasLinks: true })), [["See [https://cancer.gov/all](https://cancer.gov/all), please."]]);
});

test("other numbers, other schemes and what a visitor typed are left as words", () => {
  for (const text of ["between 1911 and 9110", "911-2000", "0.911", "2023;388(17):1572-1581", "http://plain.example", "javascript:alert(1)", "911.5"]) {
    assert.deepEqual(shown(readText(text, { hasLinks: true, numbers: NUMBERS })), [[text]]);
  }
  assert.deepEqual(shown(readText("call 911", { numbers: NUMBERS })), [["call 911"]]);
});

test("no word of a text is lost or added, whatever stands in it", () => {
  const text = "A 911 b\n- c 1-800-222-1222\n\nhttps://x.example/?a=1&b=2 d";
  const words = readText(text, { hasLinks: true, numbers: NUMBERS })
    .flatMap((block) => (block.kind === "list" ? block.items : block.lines))
    .map((spans) => spans.map((span) => span.text).join(""));
  assert.deepEqual(words, ["A 911 b", "c 1-800-222-1222", "https://x.example/?a=1&b=2 d"]);
});

test("a safety text's numbers are found once each, the first one first", () => {
  assert.deepEqual(callableNumbers("Call or text 988 now. In danger: 911. Again 988. Or 1-833-852-6262, https://988.example/988", NUMBERS), ["988", "911", "1-833-852-6262"]);
  assert.deepEqual(callableNumbers("Call 112 now.", []), []);
  assert.equal(telephone("+1 (800) 222-1222"), "tel:+18002221222");
});

test("dates are written as exactly as they are known", () => {
  assert.equal(formatDate("2023-05-01", "en"), "May 1, 2023");
  assert.equal(formatDate("2023-04", "en"), "April 2023");
  assert.equal(formatDate("2023", "en"), "2023");
  assert.equal(formatDate("undated", "en"), "undated");
});

test("an opening is told in the visitor's own day and clock", () => {
  const now = new Date(2026, 10, 23, 3, 5);
  const at = (/** @type {number} */ day, /** @type {number} */ hour) => new Date(2026, 10, day, hour).toISOString();
  const plain = (/** @type {string} */ text) => text.replaceAll("\u202f", " ");
  assert.equal(plain(formatOpening(at(23, 9), "en", now)), "today at 9:00 AM");
  assert.equal(plain(formatOpening(at(24, 9), "en", now)), "tomorrow at 9:00 AM");
  assert.equal(plain(formatOpening(at(27, 9), "en", now)), "on Friday at 9:00 AM");
  assert.equal(plain(formatOpening(at(30, 13), "en", now)), "on Monday, November 30 at 1:00 PM");
  assert.equal(formatOpening("soon", "en", now), "");
  assert.equal(formatTime("never", "en"), "");
});

test("an expected wait is told as people would: no range that begins at nothing", () => {
  const told = /** @type {[number, number][]} */ ([[0, 14], [1, 14], [6, 10], [3, 3], [1, 1]]).map((wait) => strings.queue.wait(...wait));
  assert.deepEqual(told, ["Up to 14 minutes", "Up to 14 minutes", "About 6 to 10 minutes", "About 3 minutes", "About 1 minute"]);
});
