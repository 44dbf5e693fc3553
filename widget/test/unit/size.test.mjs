import assert from "node:assert/strict";
import { test } from "node:test";

import { served } from "../served.mjs";
import { sizes } from "../size.mjs";

const [beforeOpening, opened, inAll] = sizes();
/** What few families ask for, and no talk needs: rating, a copy to keep or print, another device. */
const ON_DEMAND = ["strings-sheets.js", "view/device-sheets.js", "view/keep-sheet.js", "view/print.js", "view/survey-form.js"];

test("before it is opened the chat costs a page at most 8 kB", () => {
  assert.ok(beforeOpening.sent <= 8000, `${beforeOpening.sent} bytes in ${beforeOpening.modules.length} modules`);
});

test("all of the open chat is at most 42 kB: whatever a talk, a person or a callback needs", () => {
  assert.ok(opened.sent <= 42_000, `${opened.sent} bytes in ${opened.modules.length} modules`);
});

test("only these sheets come on demand, and with them it is at most 47 kB", () => {
  const later = inAll.modules.filter(({ name }) => !opened.modules.some((known) => known.name === name));
  assert.deepEqual(later.map(({ name }) => name).sort(), ON_DEMAND);
  assert.ok(inAll.sent <= 47_000, `${inAll.sent} bytes in ${inAll.modules.length} modules`);
});

test("comments and indentation are cut from what is sent, and nothing else", () => {
  const source = "/** What. */\nconst a = 1; // stays\n\n  /**\n   * Two\n   * lines.\n   */\n  // gone\n  f(\"/** stays */\");\n\tg(`x\n  y`);\n";
  assert.equal(served(source), "const a = 1; // stays\nf(\"/** stays */\");\ng(`x\ny`);\n");
});
