import assert from "node:assert/strict";
import { test } from "node:test";

import { served } from "../served.mjs";
import { sizes } from "../size.mjs";

const [beforeOpening, inAll] = sizes();

test("before it is opened the chat costs a page at most 8 kB", () => {
  assert.ok(beforeOpening.sent <= 8000, `${beforeOpening.sent} bytes in ${beforeOpening.modules.length} modules`);
});

test("all of the chat is at most 40 kB", () => {
  assert.ok(inAll.sent <= 40_000, `${inAll.sent} bytes in ${inAll.modules.length} modules`);
});

test("comments and indentation are cut from what is sent, and nothing else", () => {
  const source = "/** What. */\nconst a = 1; // stays\n\n  /**\n   * Two\n   * lines.\n   */\n  // gone\n  f(\"/** stays */\");\n\tg(`x\n  y`);\n";
  assert.equal(served(source), "const a = 1; // stays\nf(\"/** stays */\");\ng(`x\ny`);\n");
});
