import assert from "node:assert/strict";

import { begin, box, browserTest, checkAccess, inLine, inLog, openChat, PHONE, say, until } from "./house.mjs";

/** @import {Page} from "playwright-core" */
/** @import {House} from "./house.mjs" */

/**
 * Everything a family can come to see, one state after another.
 *
 * @param {House} house
 */
async function walkAllStates({ page, desk }) {
  await checkAccess(page, "launcher");
  await openChat(page);
  await checkAccess(page, "welcome and consent");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await checkAccess(page, "wish for a person before consent");
  await say(page, "study");
  await page.getByText("Where this comes from").click();
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByLabel("What was missing? (optional)").waitFor();
  await checkAccess(page, "answer, sources, feedback");
  await say(page, "side effects");
  await page.getByRole("button", { name: "Effects that come later" }).click();
  await inLog(page, "You chose:").waitFor();
  await checkAccess(page, "clarify and reviewed answer");
  await say(page, "he turns blue");
  await inLog(page, "Please act now").waitFor();
  await checkAccess(page, "safety");
  await page.getByRole("button", { name: "More options" }).click();
  await checkAccess(page, "menu");
  await page.getByRole("button", { name: "Delete my chat" }).click();
  await checkAccess(page, "question to confirm");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Talk to a person" }).last().click();
  await inLine(page, "You are number 2").waitFor();
  await checkAccess(page, "queue");
  await page.getByRole("button", { name: "Ask a person to contact me" }).click();
  await page.getByRole("button", { name: "Send request" }).click();
  await checkAccess(page, "callback form with mistakes");
  await page.getByRole("button", { name: "Back to the chat" }).click();
  desk.specialistJoins("Ana Rivera");
  desk.specialistSays("Hello, I am Ana.");
  desk.specialistTypes();
  await page.getByText("is typing").waitFor();
  await checkAccess(page, "specialist");
  desk.specialistCloses();
  await page.getByRole("button", { name: "How did it go?" }).click();
  await checkAccess(page, "survey");
  await page.getByRole("button", { name: "Back to the chat" }).click();
  await checkAccess(page, "closed");
}

browserTest("every state meets WCAG 2.2 AA, on a desktop by day", walkAllStates);
browserTest("every state meets WCAG 2.2 AA, on a phone at night", walkAllStates, { ...PHONE, colorScheme: "dark" });
browserTest("every state meets WCAG 2.2 AA, in forced colours", walkAllStates, { forcedColors: "active" });

/** @param {Page} page */
function focused(page) {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (element === document.body) return "nothing";
    return element?.getAttribute("aria-label") || element?.textContent?.trim() || element?.id || element?.tagName || "";
  });
}

/**
 * @param {Page} page
 * @param {string} name
 * @param {string} [key]
 */
async function tabTo(page, name, key = "Tab") {
  const passed = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press(key);
    const found = await focused(page);
    if (found.startsWith(name)) return;
    passed.push(found);
  }
  assert.fail(`${name} is not to be reached; passed ${passed.join(", ")}`);
}

browserTest("the whole way works with the keyboard alone", async ({ page }) => {
  await tabTo(page, "Chat with us", "Shift+Tab");
  await page.keyboard.press("Enter");
  await until(async () => (await focused(page)) === "message", "the box has the focus");
  await page.keyboard.type("side effects");
  await page.keyboard.press("Enter");
  await inLog(page, "Which one do you mean?").waitFor();
  assert.equal(await focused(page), "message", "an arriving message leaves the focus where it is");
  await tabTo(page, "Effects that come later", "Shift+Tab");
  await page.keyboard.press("Enter");
  await inLog(page, "Late effects").waitFor();
  await until(async () => (await focused(page)).startsWith("You chose"), "the focus stays at what was chosen");
  await tabTo(page, "Where this comes from");
  await page.keyboard.press("Enter");
  await tabTo(page, "More options", "Shift+Tab");
  await page.keyboard.press("Enter");
  await tabTo(page, "Delete my chat");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "Delete this chat for good?");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "message", "the first Escape leaves the question");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "Chat with us", "the second one leaves the chat");
  assert.equal(await page.getByRole("dialog").count(), 0, "minimised is out of the accessibility tree");
});

browserTest("on a phone the chat takes the screen and the page behind is out of reach", async ({ page }) => {
  await openChat(page);
  const size = async () => JSON.stringify(await page.getByRole("dialog").boundingBox());
  await until(async () => (await size()) === JSON.stringify({ x: 0, y: 0, width: 390, height: 844 }), "it fills the screen");
  const names = [];
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press("Tab");
    names.push(await focused(page));
  }
  assert.ok(!names.some((name) => /Read about the study|Help for families/.test(name)), names.join(", "));
  const fontSize = await box(page).evaluate((field) => parseFloat(getComputedStyle(field).fontSize));
  assert.ok(fontSize >= 16, "a smaller one makes phones zoom in");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Chat with us" }).waitFor();
}, PHONE);

/**
 * @param {Page} page with the chat loaded.
 * @returns {Promise<() => Promise<string[]>>} what screen readers are told from now on.
 */
async function listen(page) {
  await page.locator("support-chat").evaluate((host) => {
    /** @type {string[]} */
    const said = [];
    Object.assign(globalThis, { said });
    const observe = (/** @type {ShadowRoot} */ root) => {
      for (const region of root.querySelectorAll("[aria-live='polite'], [aria-live='assertive']")) {
        new MutationObserver((changes) => {
          for (const { addedNodes } of changes) for (const node of addedNodes) said.push(node.textContent ?? "");
        }).observe(region, { childList: true });
      }
    };
    if (host.shadowRoot) observe(host.shadowRoot);
  });
  return () => page.evaluate(() => /** @type {any} */ (globalThis).said);
}

browserTest("each piece of news is said once, and history never", async ({ page, desk }) => {
  await begin(page);
  const said = await listen(page);
  assert.deepEqual(await page.getByRole("log").getAttribute("aria-live"), "off");
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await until(async () => (await said()).length >= 2, "two things were said");
  const [sent, answer] = await said();
  assert.equal(sent, "Sent");
  assert.match(answer, /^Chatbot: In the study, about 8 in 10/);
  assert.match(answer, /Pending clinical review\.$/);
  desk.faults.isOffline = true;
  desk.cutStreams();
  await until(async () => (await said()).includes("Connection lost."), "the loss is said");
  desk.faults.isOffline = false;
  await until(async () => (await said()).includes("Connected again."), "the return is said");
  assert.equal((await said()).length, 4);
  await page.waitForTimeout(1400);
  const left = await page.locator("support-chat").evaluate((host) => host.shadowRoot?.querySelector(".announcer")?.textContent);
  assert.equal(left, "", "live regions are emptied");
});

browserTest("a chat that was loaded unopened is not read out when it opens, but for what is new", async ({ page, desk }) => {
  await begin(page);
  await say(page, "she stopped breathing");
  await inLog(page, "Please act now").waitFor();
  await page.getByRole("button", { name: "Minimize chat" }).click();
  desk.specialistJoins("Ana Rivera");
  await page.reload();
  await page.getByRole("button", { name: "Chat with us, 1 new message" }).waitFor();
  const said = await listen(page);
  await openChat(page);
  await until(async () => (await said()).length > 0, "the news is said");
  await page.waitForTimeout(300);
  assert.deepEqual((await said()).map((line) => line.slice(0, 37)), ["Support chat: Ana Rivera has joined t"]);
});

browserTest("a page with a chat in the browser says nothing of opening while nothing opens", async ({ page, context }) => {
  await begin(page);
  await page.getByRole("button", { name: "Minimize chat" }).click();
  await context.addInitScript(() => {
    /** @type {string[]} */
    const told = [];
    Object.assign(globalThis, { told });
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function observed(init) {
      const root = attach.call(this, init);
      const look = () => {
        const text = root.querySelector("p[role='status']")?.textContent;
        if (text) told.push(text);
      };
      new MutationObserver(look).observe(root, { subtree: true, childList: true, characterData: true });
      return root;
    };
  });
  const told = () => page.evaluate(() => /** @type {any} */ (globalThis).told);
  await page.reload();
  await until(() => page.locator("support-chat").evaluate((host) => host.shadowRoot?.querySelector(".messages > li") !== null || host.shadowRoot.querySelector("dialog") !== null), "the chat is loaded");
  await page.waitForTimeout(300);
  assert.deepEqual(await told(), []);
});

browserTest("what is drawn anew leaves the keyboard's focus where it is", async ({ page, desk }) => {
  await begin(page);
  await say(page, "study");
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByLabel("What was missing? (optional)").fill("he stopped breathing");
  await page.getByRole("button", { name: "Send comment" }).click();
  await page.getByRole("button", { name: "I have read this" }).focus();
  desk.specialistJoins("Ana Rivera");
  await inLog(page, "Ana Rivera has joined the chat.").waitFor();
  assert.equal(await focused(page), "I have read this");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "message");
  desk.specialistHandsBack();
  await page.getByRole("button", { name: "Talk to a person" }).last().click();
  await inLine(page, "You are number 2").waitFor();
  await page.getByRole("button", { name: "Ask a person to contact me" }).focus();
  desk.moveInQueue(1);
  await inLine(page, "You are next").waitFor();
  assert.equal(await focused(page), "Ask a person to contact me");
  desk.faults.isOffline = true;
  desk.cutStreams();
  await say(page, "never mind");
  const remove = page.getByRole("button", { name: "Remove" });
  await remove.focus();
  await page.getByText("No connection.").waitFor();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForTimeout(500);
  assert.equal(await focused(page), "Remove");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "message");
});

browserTest("reading further up is not disturbed, and new messages are a button away", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  desk.specialistJoins("Ana Rivera");
  for (let count = 1; count <= 25; count += 1) desk.specialistSays(`line ${count}`);
  await inLog(page, "line 25").waitFor();
  const log = page.getByRole("log");
  await log.evaluate((element) => element.scrollTo(0, 0));
  await page.waitForTimeout(200);
  desk.specialistSays("one more");
  const button = page.getByRole("button", { name: "New messages" });
  await button.waitFor();
  assert.equal(await log.evaluate((element) => element.scrollTop), 0);
  await button.click();
  await until(() => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 8), "the end is shown");
});

browserTest("the button for new messages covers nothing that can be tapped", async ({ page, desk }) => {
  await begin(page);
  await say(page, "she stopped breathing");
  const log = page.getByRole("log");
  const call = log.getByRole("link", { name: /^Call 911/ });
  await call.waitFor();
  for (let count = 1; count <= 15; count += 1) desk.specialistSays(`line ${count}`);
  await inLog(page, "line 15").waitFor();
  const button = page.getByRole("button", { name: "New messages" });
  // The call button at the log's lower edge, as at the end of a tall card.
  const toEdge = () => call.evaluate((link) => {
    const view = /** @type {HTMLElement} */ (link.closest(".log"));
    view.scrollTop += link.getBoundingClientRect().bottom - view.getBoundingClientRect().bottom;
  });
  await toEdge();
  await page.waitForTimeout(200);
  desk.specialistSays("one more");
  await button.waitFor();
  await toEdge();
  const lower = await call.evaluate((link) => link.getBoundingClientRect().bottom);
  const upper = await button.evaluate((node) => node.getBoundingClientRect().top);
  assert.ok(lower <= upper + 1, `the link ends at ${lower}, the button begins at ${upper}`);
  const box = await call.boundingBox();
  assert.ok(box);
  const hit = await page.locator("support-chat").evaluate((host, [x, y]) => (
    host.shadowRoot?.elementFromPoint(x, y)?.closest("a")?.getAttribute("href")), [box.x + box.width / 2, box.y + box.height - 4]);
  assert.equal(hit, "tel:911");
}, PHONE);

for (const viewport of [{ width: 640, height: 400 }, { width: 390, height: 440 }]) {
  browserTest(`in a window of ${viewport.width} by ${viewport.height} the box is in view on opening`, async ({ page }) => {
    const isInView = (/** @type {import("playwright-core").Locator} */ part) => part.evaluate((node) => {
      const { top, bottom, left, width } = node.getBoundingClientRect();
      const root = /** @type {ShadowRoot} */ (node.getRootNode());
      return top >= 0 && bottom <= innerHeight && root.elementFromPoint(left + width / 2, bottom - 8) === node;
    });
    await openChat(page);
    const consent = page.getByText("Before you start");
    await consent.waitFor();
    await until(() => isInView(box(page)), "the box is in view");
    assert.equal(await isInView(consent), true, "what sending agrees to");
    assert.equal(await page.getByRole("dialog").evaluate((panel) => panel.firstElementChild?.scrollTop), 0, "nothing had to be scrolled");
    await say(page, "study");
    await inLog(page, "about 8 in 10").waitFor();
    assert.equal(await isInView(box(page)), true, "after an answer");
  }, { viewport, hasTouch: true });
}

browserTest("at 400 % nothing is cut off and nothing scrolls sideways", async ({ page }) => {
  const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(await isWide(), false, "example page");
  await openChat(page);
  await say(page, "study");
  await page.getByText("Where this comes from").scrollIntoViewIfNeeded();
  const overflowing = await page.locator("support-chat").evaluate((host) => (
    [...(host.shadowRoot?.querySelectorAll("dialog *") ?? [])]
      .filter((element) => !element.closest(".unseen, svg") && getComputedStyle(element).clipPath === "none")
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.className)));
  assert.deepEqual(overflowing, []);
  await box(page).scrollIntoViewIfNeeded();
  await box(page).fill("still usable");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await inLog(page, "still usable").waitFor();
}, { viewport: { width: 320, height: 256 } });

browserTest("every target is at least 44 pixels high", async ({ page }) => {
  await openChat(page);
  // While the panel rises, heights are a hair off.
  await page.getByRole("dialog").evaluate((panel) => Promise.all(panel.getAnimations().map((each) => each.finished)));
  const checkTargets = async () => {
    const small = await page.locator("support-chat").evaluate((host) => (
      [...(host.shadowRoot?.querySelectorAll("button, input, textarea, summary, a.call") ?? [])]
        .filter((element) => element.checkVisibility() && !(element instanceof HTMLInputElement && element.type === "radio"))
        .filter((element) => element.getBoundingClientRect().height < 44)
        .map((element) => element.textContent || element.id)));
    assert.deepEqual(small, []);
  };
  await checkTargets();
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await say(page, "side effects");
  await inLog(page, "Which one").waitFor();
  await checkTargets();
  await page.getByRole("button", { name: "More options" }).click();
  await checkTargets();
  await page.getByRole("button", { name: "Have someone call me" }).click();
  await checkTargets();
}, PHONE);

browserTest("with reduced motion nothing moves", async ({ page, desk }) => {
  desk.faults.thinking = 1500;
  await openChat(page);
  await say(page, "study");
  await page.getByText("looking for an answer").waitFor();
  const moving = await page.locator("support-chat").evaluate((host) => host.shadowRoot?.getAnimations?.().length ?? document.getAnimations().length);
  assert.equal(moving, 0);
}, { reducedMotion: "reduce" });
