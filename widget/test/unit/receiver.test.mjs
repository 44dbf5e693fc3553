import assert from "node:assert/strict";
import { test } from "node:test";

import { Receiver } from "../../src/session/receiver.js";
import { Timeline } from "../../src/session/timeline.js";
import { DeskError } from "../../src/transport/desk-error.js";
import { makeMessage, numbers, settle } from "./helpers.mjs";

/** @import {Message} from "../../src/types.js" */

const ACCESS = { id: "c", token: "t" };

/**
 * A desk of so many messages, whose stream is what the test makes of it.
 *
 * @param {object} desk
 * @param {Message[]} desk.messages
 * @param {number} [desk.page]
 * @param {(signal: AbortSignal) => Response} [desk.stream]
 */
function makeReceiver({ messages, page = 200, stream = openLine }) {
  const timeline = new Timeline();
  /** @type {string[]} */
  const told = [];
  const calls = { messages: 0, stream: 0 };
  /** @type {{error: Error | null}} */
  const trouble = { error: null };
  const client = {
    messages: async (/** @type {unknown} */ _access, /** @type {number} */ after) => {
      calls.messages += 1;
      if (trouble.error) throw trouble.error;
      return { messages: messages.slice(after, after + page), more: after + page < messages.length, state: "bot" };
    },
    status: async () => ({ state: "bot", last_seq: messages.length }),
    stream: async (/** @type {unknown} */ _access, /** @type {number} */ _after, /** @type {AbortSignal} */ signal) => {
      calls.stream += 1;
      if (trouble.error) throw trouble.error;
      return stream(signal);
    },
  };
  const receiver = new Receiver(/** @type {any} */ (client), ACCESS, {
    position: () => timeline.position,
    pollDelay: () => 4000,
    onMessages: (found) => void timeline.apply(found),
    onStatus: () => {},
    onTyping: (typing) => told.push(`typing ${JSON.stringify(typing)}`),
    onConnection: (connection) => told.push(connection),
    onGone: () => told.push("gone"),
  });
  return { receiver, timeline, told, calls, trouble };
}

/** @param {AbortSignal} signal */
function openLine(signal) {
  return line(["event: state\ndata: {\"state\":\"bot\"}\n\n"], signal);
}

/**
 * @param {string[]} pieces what is sent before the line falls silent.
 * @param {AbortSignal} signal
 * @param {{ends?: boolean}} [how]
 */
function line(pieces, signal, { ends = false } = {}) {
  const encoder = new TextEncoder();
  return new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(encoder.encode(piece));
      if (ends) controller.close();
      else signal.addEventListener("abort", () => controller.error(new Error("aborted")));
    },
  }));
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 */
function cutAfter(milliseconds, signal) {
  const encoder = new TextEncoder();
  return new Response(new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode("event: state\ndata: {}\n\n"));
      const timer = setTimeout(() => controller.error(new Error("cut")), milliseconds);
      signal.addEventListener("abort", () => clearTimeout(timer));
    },
  }));
}

/** Web streams need real turns of the event loop, which mocked timers leave alone. */
async function turns() {
  for (let turn = 0; turn < 12; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    await settle();
  }
}

test("a long absence is caught up page by page", async () => {
  const all = Array.from({ length: 450 }, (_, index) => makeMessage(index + 1));
  const { receiver, timeline, calls } = makeReceiver({ messages: all });
  await receiver.catchUp();
  assert.equal(timeline.position, 450);
  assert.equal(calls.messages, 3);
});

test("a page that brings nothing new is not asked for without end", async () => {
  const { receiver, calls } = makeReceiver({ messages: [makeMessage(2), makeMessage(3)], page: 1 });
  await receiver.catchUp();
  assert.equal(calls.messages, 1);
});

test("what the stream brings is taken, whatever else it holds", async () => {
  const frames = [
    "event: state\ndata: {\"state\":\"bot\"}\n\n", ": quiet\n\n", "event: unheard-of\ndata: {}\n\n", "event: message\ndata: not json\n\n",
    `id: 1\nevent: message\ndata: ${JSON.stringify(makeMessage(1))}\n\n`, "event: typing\ndata: {\"sender\":\"specialist\"}\n\n",
  ];
  const { receiver, timeline, told } = makeReceiver({ messages: [], stream: (signal) => line(frames, signal) });
  receiver.start();
  await turns();
  assert.deepEqual(numbers(timeline.visible()), [1]);
  assert.ok(told.includes("live") && told.includes("typing {\"sender\":\"specialist\"}"));
  receiver.stop();
});

test("a lost network is tried again and again, and found again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, told, trouble, calls, timeline } = makeReceiver({ messages: [makeMessage(1)] });
  trouble.error = new DeskError({ status: 0 });
  receiver.start();
  for (let attempt = 0; attempt < 12; attempt += 1) {
    await turns();
    t.mock.timers.tick(30_000);
  }
  assert.ok(calls.messages >= 10, "no final give-up");
  assert.ok(!told.includes("live"));
  trouble.error = null;
  await turns();
  t.mock.timers.tick(30_000);
  await turns();
  assert.equal(told.at(-1), "live");
  assert.equal(timeline.position, 1);
  receiver.stop();
});

test("a stream that opens and stays silent gives way to polling, and gets another try later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, told, calls } = makeReceiver({ messages: [], stream: (signal) => line([], signal) });
  receiver.start();
  for (let step = 0; step < 30; step += 1) {
    await turns();
    t.mock.timers.tick(2000);
  }
  assert.ok(told.includes("polling"));
  assert.equal(calls.stream, 2);
  const polls = calls.messages;
  for (let step = 0; step < 8; step += 1) {
    await turns();
    t.mock.timers.tick(4000);
  }
  assert.ok(calls.messages >= polls + 6);
  t.mock.timers.tick(300_000);
  await turns();
  assert.equal(calls.stream, 3);
  receiver.stop();
});

test("a stream that is cut again and again after a few seconds gives way to polling", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, told, calls } = makeReceiver({ messages: [], stream: (signal) => cutAfter(5000, signal) });
  receiver.start();
  for (let step = 0; step < 60; step += 1) {
    await turns();
    t.mock.timers.tick(1000);
  }
  assert.ok(told.includes("live") && told.at(-1) === "polling", told.join(", "));
  assert.equal(calls.stream, 4);
  receiver.stop();
});

test("a stream that is cut now and then is opened again and again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, told, calls } = makeReceiver({ messages: [], stream: (signal) => cutAfter(15_000, signal) });
  receiver.start();
  for (let step = 0; step < 150; step += 1) {
    await turns();
    t.mock.timers.tick(1000);
  }
  assert.ok(!told.includes("polling"));
  assert.ok(calls.stream > 6);
  receiver.stop();
});

test("a browser without AbortSignal.any has a stream that opens and can be stopped", async (t) => {
  t.mock.method(AbortSignal, "any", () => {
    throw new TypeError("it is not there");
  });
  /** @type {AbortSignal | undefined} */
  let line;
  const { receiver, told } = makeReceiver({
    messages: [],
    stream: (signal) => {
      line = signal;
      return openLine(signal);
    },
  });
  receiver.start();
  await turns();
  assert.deepEqual([told.at(-1), line?.aborted], ["live", false]);
  receiver.stop();
  assert.equal(line?.aborted, true);
});

test("a refused stream is no lost network: polling goes on", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, told } = makeReceiver({
    messages: [makeMessage(1)],
    stream: () => {
      throw new DeskError({ status: 429 });
    },
  });
  receiver.start();
  for (let step = 0; step < 6; step += 1) {
    await turns();
    t.mock.timers.tick(4000);
  }
  assert.ok(told.includes("polling"));
  assert.ok(!told.includes("offline"));
  receiver.stop();
});

test("a line that falls silent is hung up and opened anew", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { receiver, calls } = makeReceiver({ messages: [] });
  receiver.start();
  await turns();
  assert.equal(calls.stream, 1);
  t.mock.timers.tick(40_000);
  await turns();
  t.mock.timers.tick(2000);
  await turns();
  assert.equal(calls.stream, 2);
  receiver.stop();
});

test("a token that opens nothing any more ends the trying", async () => {
  const { receiver, told, trouble, calls } = makeReceiver({ messages: [] });
  trouble.error = new DeskError({ status: 404, type: "/problems/not-found" });
  receiver.start();
  await turns();
  assert.deepEqual(told.filter((each) => each === "gone"), ["gone"]);
  assert.equal(calls.messages, 1);
});

test("once let go of, an answer still under way reaches nobody", async () => {
  const { receiver, timeline } = makeReceiver({ messages: [makeMessage(1)] });
  const late = receiver.catchUp();
  receiver.dispose();
  await late;
  assert.equal(timeline.position, 0);
});
