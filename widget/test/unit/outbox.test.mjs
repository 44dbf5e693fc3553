import assert from "node:assert/strict";
import { test } from "node:test";

import { newClientId, Outbox } from "../../src/session/outbox.js";
import { Store } from "../../src/session/store.js";
import { MemoryStorage } from "./helpers.mjs";

/** @param {Storage} area */
function openStore(area) {
  const store = new Store("desk", area);
  store.activate();
  return store;
}

test("items keep their order, also when the clock stands still or is set back", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: 5000 });
  const outbox = new Outbox(openStore(new MemoryStorage()));
  outbox.add({ kind: "text", text: "one" });
  outbox.add({ kind: "text", text: "two" });
  t.mock.timers.setTime(1000);
  outbox.add({ kind: "handoff", text: "" });
  assert.deepEqual(outbox.list().map(({ text, kind }) => text || kind), ["one", "two", "handoff"]);
  assert.equal(outbox.head()?.text, "one");
});

test("a reload finds every item as it was", () => {
  const area = new MemoryStorage();
  const before = new Outbox(openStore(area));
  const item = before.add({ kind: "choice", text: "Late effects", choice: "c2" });
  before.update(item.clientId, { attempts: 2 });
  const [found] = new Outbox(openStore(area)).list();
  assert.deepEqual(found, { ...item, attempts: 2 });
});

test("two tabs share one outbox without losing each other's items", () => {
  const area = new MemoryStorage();
  const here = new Outbox(openStore(area));
  const there = new Outbox(openStore(area));
  const first = here.add({ kind: "text", text: "from here" });
  there.add({ kind: "text", text: "from there" });
  assert.equal(here.list().length, 2);
  there.remove(first.clientId);
  here.update(first.clientId, { attempts: 1 });
  assert.deepEqual(here.list().map(({ text }) => text), ["from there"], "an acknowledged item does not come back");
});

test("a refused item lets the next one pass", () => {
  const outbox = new Outbox(openStore(new MemoryStorage()));
  const first = outbox.add({ kind: "text", text: "too long" });
  outbox.add({ kind: "text", text: "next" });
  outbox.update(first.clientId, { status: "refused" });
  assert.equal(outbox.head()?.text, "next");
});

test("all words can be taken back, in order", () => {
  const outbox = new Outbox(openStore(new MemoryStorage()));
  outbox.add({ kind: "text", text: "one" });
  outbox.add({ kind: "choice", text: "a title", choice: "c1" });
  outbox.add({ kind: "text", text: "two" });
  assert.equal(outbox.takeTexts(), "one\n\ntwo");
  assert.deepEqual(outbox.list(), []);
});

test("a wish for a person stays for the next conversation, once", () => {
  const outbox = new Outbox(openStore(new MemoryStorage()));
  outbox.add({ kind: "handoff", text: "" });
  outbox.add({ kind: "text", text: "one" });
  assert.equal(outbox.takeTexts(), "one");
  assert.deepEqual(outbox.list().map(({ kind, status }) => [kind, status]), [["handoff", "waiting"]]);
  assert.equal(outbox.takeTexts(), "");
  assert.deepEqual(outbox.list(), [], "conversations that go at once are not opened without end");
});

test("nothing is written before the chat is opened", () => {
  const area = new MemoryStorage();
  const store = new Store("desk", area);
  store.set("draft", "typed");
  assert.equal(area.length, 0);
  assert.equal(store.get("draft"), "typed");
  store.activate();
  store.set("draft", "typed on");
  assert.equal(area.length, 1);
  assert.equal(new Store("desk", area).get("draft"), "typed on");
});

test("clearing leaves nothing of ours and everything of the page's", () => {
  const area = new MemoryStorage();
  area.setItem("page", "stays");
  area.setItem("support-chat:other:draft", "stays");
  const store = openStore(area);
  store.set("draft", "goes");
  new Outbox(store).add({ kind: "text", text: "goes" });
  store.clear();
  assert.deepEqual([area.length, area.getItem("page"), store.keys("")], [2, "stays", []]);
});

test("a browser that refuses storage gets a chat that works until the reload", () => {
  const refusing = /** @type {Storage} */ (/** @type {unknown} */ ({
    get length() { throw new Error("denied"); },
    getItem() { throw new Error("denied"); },
    setItem() { throw new Error("full"); },
    removeItem() { throw new Error("denied"); },
  }));
  for (const area of [refusing, null]) {
    const store = new Store("desk", area);
    store.activate();
    const outbox = new Outbox(store);
    const item = outbox.add({ kind: "text", text: "kept in memory" });
    assert.equal(outbox.head()?.text, "kept in memory");
    outbox.remove(item.clientId);
    assert.equal(outbox.head(), null);
  }
});

test("a record that is no JSON, or no item, is passed over", () => {
  const area = new MemoryStorage();
  area.setItem("support-chat:desk:outbox/a", "{");
  area.setItem("support-chat:desk:outbox/b", "{\"text\":1}");
  assert.deepEqual(new Outbox(openStore(area)).list(), []);
});

test("client ids are UUIDs of version 4, with and without the browser's own maker", () => {
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newClientId(), pattern);
  const original = crypto.randomUUID;
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  try {
    const ids = Array.from({ length: 200 }, newClientId);
    assert.ok(ids.every((id) => pattern.test(id)));
    assert.equal(new Set(ids).size, 200);
  } finally {
    Object.defineProperty(crypto, "randomUUID", { value: original, configurable: true });
  }
});
