import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

/** @returns {[string, string][]} name and text of every module that browsers get. */
function modules() {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => [name, readFileSync(join(SOURCE, name), "utf8")]);
}

test("no module makes markup of text, runs text, or styles by attribute", () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|new Function|\beval\(|\.style\b|cssText|postMessage|onmessage/;
  for (const [name, text] of modules()) assert.doesNotMatch(text, forbidden, name);
});

test("every import is one of our own modules, named in full", () => {
  for (const [name, text] of modules()) {
    for (const [, from] of text.matchAll(/^import .*"(.*)";$|import\("(?<lazy>[^"]*\.js)"\)/gm)) {
      assert.match(from ?? "./x.js", /^\.{1,2}\/[a-z/-]+\.js$/, `${name} imports ${from}`);
    }
  }
});

test("words that people read stand in the tables of strings alone", () => {
  // Two words in a row between quotes, the first with a capital: a sentence, or the start of one.
  const sentence = /["`][A-Z][a-z]+,? [a-z]{2,}[^"`]*["`]/;
  for (const [name, text] of modules()) {
    if (name.startsWith("strings") || name.startsWith("styles")) continue;
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    assert.doesNotMatch(code, sentence, name);
  }
});

test("no line inside a template begins like a comment: the desk would cut it", () => {
  for (const [name, text] of modules()) {
    for (const [template] of text.matchAll(/`[^`]*`/g)) assert.doesNotMatch(template, /\n\s*(\/\/|\/\*\*)/, name);
  }
});
