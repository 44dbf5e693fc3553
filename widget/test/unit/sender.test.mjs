import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox, Sender } from "../../src/session/outbox.js";
import { Store } from "../../src/session/store.js";
import { DeskError } from "../../src/transport/desk-error.js";
import { MemoryStorage, settle } from "./helpers.mjs";

/** @import {OutboxItem} from "../../src/types.js" */

/**
 * A sender whose desk answers as told: one word for each delivery, "ok" when there are no more.
 *
 * @param {(DeskError | Error | "ok")[]} answers
 */
function makeSender(answers) {
  const store = new Store("desk", new MemoryStorage());
  const outbox = new Outbox(store);
  /** @type {string[]} */
  const delivered = [];
  /** @type {OutboxItem[]} */
  const refused = [];
  let gone = 0;
  const sender = new Sender(outbox, {
    deliver: async (item) => {
      const answer = answers.shift() ?? "ok";
      if (answer !== "ok") throw answer;
      delivered.push(item.text);
    },
    onRefused: (item) => refused.push(item),
    onGone: () => {
      gone += 1;
    },
    onChange: () => {},
  }, "lock");
  return { sender, outbox, delivered, refused, lost: () => gone };
}

const OFFLINE = new DeskError({ status: 0 });

test("what waits is sent in order and leaves the outbox", async () => {
  const { sender, outbox, delivered } = makeSender([]);
  for (const text of ["one", "two", "three"]) outbox.add({ kind: "text", text });
  await sender.pump();
  assert.deepEqual(delivered, ["one", "two", "three"]);
  assert.deepEqual(outbox.list(), []);
});

test("a failing item keeps its place, holds back the next, and is tried again by itself", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { sender, outbox, delivered } = makeSender([OFFLINE, new DeskError({ status: 503 }), new Error("no JSON")]);
  outbox.add({ kind: "text", text: "one" });
  outbox.add({ kind: "text", text: "two" });
  await sender.pump();
  assert.deepEqual(delivered, []);
  assert.deepEqual(outbox.list().map(({ attempts }) => attempts), [1, 0]);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    t.mock.timers.tick(30_000);
    await settle();
  }
  assert.deepEqual(delivered, ["one", "two"]);
});

test("a desk that asks for a pause gets it, and the item says why", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const slow = new DeskError({ status: 429, retryAfterSeconds: 20, safety: { kind: "emergency", text: "Call 911." } });
  const { sender, outbox, delivered } = makeSender([slow]);
  outbox.add({ kind: "text", text: "one" });
  await sender.pump();
  const [item] = outbox.list();
  assert.deepEqual([item.reason, item.safety?.text], ["slow_down", "Call 911."]);
  t.mock.timers.tick(19_999);
  await settle();
  assert.deepEqual(delivered, []);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual(delivered, ["one"]);
});

test("a refused item is marked, keeps its safety words and lets the next pass", async () => {
  const refusal = new DeskError({ status: 422, detail: "too long", safety: { kind: "crisis", text: "Call 988." } });
  const { sender, outbox, delivered, refused } = makeSender([refusal]);
  outbox.add({ kind: "text", text: "one" });
  outbox.add({ kind: "text", text: "two" });
  await sender.pump();
  assert.deepEqual(delivered, ["two"]);
  assert.deepEqual(refused.map(({ text }) => text), ["one"]);
  assert.deepEqual(outbox.list().map(({ status, safety }) => [status, safety?.text]), [["refused", "Call 988."]]);
});

test("a conversation that is gone stops the sending and loses nothing", async () => {
  const { sender, outbox, lost } = makeSender([new DeskError({ status: 404, type: "/problems/not-found" })]);
  outbox.add({ kind: "text", text: "one" });
  await sender.pump();
  assert.equal(lost(), 1);
  assert.deepEqual(outbox.list().map(({ text }) => text), ["one"]);
});

test("asking again while sending sends what came meanwhile, once", async () => {
  const { sender, outbox, delivered } = makeSender([]);
  outbox.add({ kind: "text", text: "one" });
  const first = sender.pump();
  outbox.add({ kind: "text", text: "two" });
  await Promise.all([first, sender.pump(), sender.pump()]);
  assert.deepEqual(delivered, ["one", "two"]);
});

test("an item that another way has acknowledged meanwhile is not brought back by a failure", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { sender, outbox } = makeSender([OFFLINE]);
  const item = outbox.add({ kind: "text", text: "one" });
  const sending = sender.pump();
  outbox.remove(item.clientId);
  await sending;
  assert.deepEqual(outbox.list(), []);
});
