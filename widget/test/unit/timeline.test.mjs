import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenChoice, HOLD_MS, Timeline } from "../../src/session/timeline.js";
import { makeMessage, numbers, seededRandom, shuffled } from "./helpers.mjs";

test("in whatever order and however often messages come, each is shown once and in its place", () => {
  const random = seededRandom(5);
  const all = Array.from({ length: 24 }, (_, index) => makeMessage(index + 1));
  for (let round = 0; round < 200; round += 1) {
    const timeline = new Timeline();
    let told = 0;
    for (const message of shuffled([...all, ...all, ...all.slice(0, 9)], random)) {
      told += timeline.apply([message], 0).length;
      const shown = numbers(timeline.visible(0));
      assert.deepEqual(shown, Array.from({ length: timeline.position }, (_, index) => index + 1));
    }
    assert.equal(told, 24);
    assert.equal(timeline.position, 24);
    assert.equal(timeline.hasGap, false);
  }
});

test("a message after a gap waits a moment for the missing one, then is shown anyway", () => {
  const timeline = new Timeline();
  timeline.apply([makeMessage(1), makeMessage(3)], 1000);
  assert.equal(timeline.hasGap, true);
  assert.equal(timeline.position, 1);
  assert.deepEqual(numbers(timeline.visible(1000 + HOLD_MS - 1)), [1]);
  assert.deepEqual(numbers(timeline.visible(1000 + HOLD_MS)), [1, 3]);
  timeline.apply([makeMessage(2)], 9000);
  assert.deepEqual(numbers(timeline.visible(9000)), [1, 2, 3]);
});

test("a safety message never waits for another", () => {
  const timeline = new Timeline();
  timeline.apply([makeMessage(4, { kind: "safety" })], 0);
  assert.deepEqual(numbers(timeline.visible(0)), [4]);
});

test("what is no message is passed over", () => {
  const timeline = new Timeline();
  const junk = [null, 3, {}, { seq: "1", id: "a", text: "" }, { seq: 0, id: "a", text: "" }, { seq: 1.5, id: "a", text: "" }];
  assert.deepEqual(timeline.apply(/** @type {any} */ (junk)), []);
  assert.equal(timeline.position, 0);
});

test("a taken choice is recognised by its title, after a reload too", () => {
  const choices = [{ id: "c1", title: "Side effects" }, { id: "c2", title: "Late effects" }];
  const offer = makeMessage(1, { kind: "clarify", choices });
  const said = (/** @type {number} */ seq, /** @type {string} */ text) => makeMessage(seq, { sender: "visitor", kind: "text", text });
  assert.equal(chosenChoice([offer], offer), null);
  assert.equal(chosenChoice([offer, said(2, "Late effects")], offer), "c2");
  assert.equal(chosenChoice([offer, said(2, "something else"), makeMessage(3), said(4, "Side effects")], offer), "c1");
  const again = makeMessage(2, { choices: [{ id: "c2", title: "Late effects" }] });
  assert.equal(chosenChoice([offer, again, said(3, "Late effects")], offer), null, "the later offer owns it");
  assert.equal(chosenChoice([offer, again, said(3, "Late effects")], again), "c2");
});
