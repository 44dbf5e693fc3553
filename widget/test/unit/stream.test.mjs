import assert from "node:assert/strict";
import { test } from "node:test";

import { pause, retryDelay, SseParser } from "../../src/transport/stream.js";
import { seededRandom } from "./helpers.mjs";

const STREAM = ": quiet\r\n\r\nretry: 2000\n\nevent: state\ndata: {\"state\":\"bot\"}\n\nid: 7\nevent: message\ndata: {\"a\":\ndata: 1}\n\nid\ndata:x\r\r: quiet\n\n";
const EVENTS = [
  { event: "state", data: "{\"state\":\"bot\"}", id: null },
  { event: "message", data: "{\"a\":\n1}", id: "7" },
  { event: "message", data: "x", id: "" },
];

test("an event stream in one piece gives its events", () => {
  assert.deepEqual(new SseParser().push(STREAM), EVENTS);
});

test("however a stream is cut into pieces, its events are the same", () => {
  const random = seededRandom(11);
  for (let round = 0; round < 300; round += 1) {
    const parser = new SseParser();
    const found = [];
    for (let from = 0; from < STREAM.length;) {
      const to = from + 1 + Math.floor(random() * 9);
      found.push(...parser.push(STREAM.slice(from, to)));
      from = to;
    }
    assert.deepEqual(found, EVENTS, `round ${round}`);
  }
});

test("an event that was not closed by a blank line is not given", () => {
  assert.deepEqual(new SseParser().push("event: message\ndata: {}\n"), []);
});

test("delays grow, are jittered, never vanish and never end", () => {
  const low = Array.from({ length: 60 }, (_, attempt) => retryDelay(attempt, () => 0));
  const high = Array.from({ length: 60 }, (_, attempt) => retryDelay(attempt, () => 0.999999));
  assert.deepEqual(low.slice(0, 5), [500, 1000, 2000, 4000, 8000]);
  assert.ok(low.every((delay, attempt) => delay < high[attempt]));
  assert.equal(low[59], 15_000);
  assert.equal(high[59], 30_000);
});

test("a pause ends early when it is woken or aborted, and clears its timer", async () => {
  const controller = new AbortController();
  const woken = pause(60_000, controller.signal);
  woken.wake();
  await woken.done;
  const aborted = pause(60_000, controller.signal);
  controller.abort();
  await aborted.done;
  await pause(60_000, controller.signal).done;
});
