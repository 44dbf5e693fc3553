import assert from "node:assert/strict";

import { begin, box, browserTest, inLine, inLog, newPage, openChat, PHONE, say, transcript, until } from "./house.mjs";
import { SAFETY } from "../fake-bot.mjs";

/** @import {Page} from "playwright-core" */

browserTest("a family waits in line, meets a specialist, and talks both ways", async ({ page, desk }) => {
  await openChat(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByRole("button", { name: "Agree and ask for a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  await page.getByText("About 6 to 10 minutes").waitFor();
  desk.moveInQueue(1);
  await inLine(page, "You are next").waitFor();
  desk.specialistJoins("Ana Rivera");
  await page.getByText("Ana Rivera · information specialist").waitFor();
  desk.specialistTypes();
  await page.getByText("Ana Rivera is typing").waitFor();
  desk.specialistSays("Hello, I am Ana.");
  await inLog(page, "Hello, I am Ana.").waitFor();
  await until(async () => !(await page.getByText("is typing").isVisible()), "the typing sign is gone");
  await say(page, "Thank you, Ana");
  await page.reload();
  await inLog(page, "Thank you, Ana").waitFor();
  await until(() => desk.conversation.messages.some(({ text }) => text === "Thank you, Ana"), "it is sent, if need be by the new page");
  desk.specialistSays("How is she today?");
  await inLog(page, "How is she today?").waitFor();
  assert.ok(desk.typingCalls >= 1, "the specialist sees that the family writes");
  const lines = await transcript(page);
  assert.deepEqual(lines.slice(-3), ["Ana Rivera: Hello, I am Ana.", "You: Thank you, Ana", "Ana Rivera: How is she today?"]);
  desk.specialistCloses();
  await page.getByRole("button", { name: "How did it go?" }).click();
  await page.getByRole("group", { name: "How helpful was the specialist?" }).getByLabel("Very").check();
  await page.getByLabel("Anything you want to add? (optional)").fill("Thank you.");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Your answer helps us").waitFor();
  assert.deepEqual(desk.surveys.map(({ about, score, comment }) => [about, score, comment]), [["specialist", 4, "Thank you."]]);
});

browserTest("the chatbot can be asked while waiting, and the place is kept", async ({ page }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await say(page, "study");
  await inLog(page, /^study$/).waitFor();
  assert.equal(await inLog(page, "about 8 in 10").count(), 0);
  await page.getByRole("button", { name: "Ask the chatbot while I wait" }).click();
  await page.getByText("The chatbot answers while you wait. You keep your place.").waitFor();
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await inLine(page, "You are number 2").waitFor();
  await page.getByRole("button", { name: "Go back to the chatbot" }).click();
  await page.getByRole("button", { name: "Talk to a person" }).waitFor();
});

browserTest("while the panel is away, what comes is counted and a specialist is announced", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  await page.getByRole("button", { name: "Minimize chat" }).click();
  desk.specialistJoins("Ana Rivera");
  desk.specialistSays("Are you there?");
  await page.getByRole("button", { name: "Chat with us, 2 new messages" }).waitFor();
  await page.getByText("Ana Rivera has joined your chat.").waitFor({ state: "attached" });
  await openChat(page);
  await inLog(page, "Are you there?").waitFor();
});

browserTest("with nobody there a callback is offered, with every word kept and every field explained", async ({ page, desk }) => {
  desk.isStaffed = false;
  await openChat(page);
  await page.getByText("specialists are back tomorrow at 9:00").waitFor();
  await box(page).fill("We go home on Friday and I am afraid.");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByRole("button", { name: "Agree and ask for a person" }).click();
  await page.getByRole("button", { name: "Leave my number" }).click();
  await page.getByRole("heading", { name: "Have someone contact you" }).waitFor();
  assert.equal(await page.getByLabel("What would you like to talk about? (optional)").inputValue(), "We go home on Friday and I am afraid.");
  await page.getByRole("button", { name: "Send request" }).click();
  await page.getByText("Please tell us your name.").waitFor();
  assert.equal(await page.getByLabel("Your name").getAttribute("aria-invalid"), "true");
  await page.getByLabel("Your name").fill("Maria");
  await page.getByLabel("Email address").fill("maria.example");
  await page.getByRole("button", { name: "Send request" }).click();
  await page.getByText("Check the email address. It looks like name@example.org.", { exact: true }).waitFor();
  await page.reload();
  await inLog(page, "Our information specialists are away").waitFor();
  await page.getByRole("button", { name: "Leave my number" }).click();
  assert.equal(await page.getByLabel("Your name").inputValue(), "Maria", "a reload keeps the form");
  await page.getByLabel("Email address").fill("maria@example.org");
  desk.faults.failures = { count: 1, status: 503, path: "callback", retryAfter: 0, method: "POST" };
  await page.getByRole("button", { name: "Send request" }).click();
  await page.getByText("Your request could not be sent. Nothing you typed is lost.").waitFor();
  await page.getByRole("button", { name: "Send request" }).dblclick();
  await page.getByText("CB-7F3K").waitFor();
  assert.equal(desk.callbacks.length, 1);
  const { client_id: id, ...values } = desk.callbacks[0];
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(values, { name: "Maria", email: "maria@example.org", topic: "We go home on Friday and I am afraid." });
  assert.equal(await page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes("Maria")), false, "nothing personal stays behind");
}, PHONE);

/**
 * Holds the calls to an address back.
 *
 * @param {Page} page
 * @param {string} address
 */
async function hold(page, address) {
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(null);
  });
  await page.route(address, async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  return release;
}

browserTest("of two safety texts that come one by one the first stays in view", async ({ page, desk }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await begin(page);
  const [own] = desk.conversations.values();
  const long = `${SAFETY.emergency.text}\n\n${SAFETY.emergency.text}`;
  desk.say(own, { ...SAFETY.emergency, text: long });
  await inLog(page, "Please act now").waitFor();
  desk.say(own, { ...SAFETY.crisis, text: long });
  await inLog(page, "Please reach out now").waitFor();
  const top = await inLog(page, "Please act now").evaluate((node) => node.getBoundingClientRect().top);
  const list = await page.getByRole("log").evaluate((node) => node.getBoundingClientRect().top);
  assert.ok(top >= list, `the heading of the first stands at ${top}, the list begins at ${list}`);
});

browserTest("a danger told while a person is asked for is in view, with no form over it", async ({ page, desk }) => {
  desk.isStaffed = false;
  await begin(page);
  const release = await hold(page, "**/handoff");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await say(page, "she stopped breathing");
  await page.getByRole("heading", { name: "Family support chat" }).click();
  release();
  await inLog(page, "Please act now").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.getByRole("heading", { name: "Have someone contact you" }).count(), 0);
  assert.ok(await inLog(page, "Call 911 now.").isVisible());
});

browserTest("an open form gives way to a safety text and keeps its words", async ({ page, desk }) => {
  await begin(page);
  desk.faults.thinking = 1500;
  await say(page, "she stopped breathing");
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Have someone call me" }).click();
  await page.getByLabel("Your name").fill("Maria");
  const alarm = inLog(page, "Call 911 now.");
  await alarm.waitFor();
  assert.ok(await alarm.evaluate((node) => {
    const { top } = node.getBoundingClientRect();
    const view = /** @type {HTMLElement} */ (node.closest(".log")).getBoundingClientRect();
    return top >= view.top && top < view.bottom;
  }), "it is in view");
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Have someone call me" }).click();
  assert.equal(await page.getByLabel("Your name").inputValue(), "Maria");
});

browserTest("the callback form opens by itself only where nobody is writing", async ({ page, desk }) => {
  desk.isStaffed = false;
  await begin(page);
  const form = page.getByRole("heading", { name: "Have someone contact you" });
  const release = await hold(page, "**/handoff");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await box(page).pressSequentially("And he will not dri");
  release();
  await inLog(page, "Our information specialists are away").waitFor();
  await box(page).pressSequentially("nk.");
  assert.deepEqual([await box(page).inputValue(), await form.count()], ["And he will not drink.", 0]);
  await box(page).fill("");
  await page.getByRole("heading", { name: "Family support chat" }).click();
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await form.waitFor();
});

browserTest("the keyboard keeps its place when a button of the box has done its work", async ({ page }) => {
  await openChat(page);
  const person = page.getByRole("button", { name: /Talk to a person|Asking for a person/ });
  const release = await hold(page, "**/handoff");
  await person.press("Enter");
  await page.getByRole("button", { name: "Agree and ask for a person" }).press("Enter");
  await until(() => person.evaluate((button) => button.matches(":focus")), "the button has the focus, once there is no consent to give");
  release();
  await inLine(page, "You are number 2").waitFor();
  await until(() => box(page).evaluate((field) => field.matches(":focus")), "the box has the focus, once the person is asked for");
});

browserTest("a person asked for by a choice is waited for, with no callback form in the way", async ({ page }) => {
  await begin(page);
  await say(page, "qwertz");
  await page.getByRole("log").getByRole("button", { name: "Talk to a person" }).last().click();
  await inLine(page, "You are number 2").waitFor();
  await inLine(page, "Ask a person to contact me").waitFor();
  assert.equal(await page.getByRole("heading", { name: "Have someone contact you" }).count(), 0);
  assert.ok(await box(page).isVisible());
});

browserTest("hours that no source confirms are not told", async ({ page, desk }) => {
  Object.assign(desk, { isStaffed: false, hasVerifiedHours: false });
  await begin(page);
  await page.getByText("Chatbot · answers at any hour").waitFor();
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByText("Leave a phone number or an email address.").waitFor();
  assert.equal(await page.getByText(/specialists are back/).count(), 0);
});

browserTest("a chat can be ended and another one begun", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "End this chat" }).click();
  await page.getByRole("button", { name: "End chat" }).click();
  await inLog(page, "You have ended this chat.").waitFor();
  assert.equal(await box(page).isVisible(), false);
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  assert.equal(desk.conversations.size, 2);
});

browserTest("a chat is deleted everywhere, but only after asking", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Delete my chat" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.equal(desk.conversations.size, 1);
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Delete my chat" }).click();
  desk.faults.failures = { count: 1, status: 500, path: "", retryAfter: 0, method: "DELETE" };
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("That did not work.").waitFor();
  assert.equal(desk.conversations.size, 1);
  await page.getByRole("button", { name: "Delete for good" }).click();
  await page.getByText("Your chat has been deleted.").waitFor();
  assert.equal(desk.conversations.size, 0);
  assert.deepEqual(await transcript(page), []);
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("support-chat:")));
  assert.deepEqual(kept, []);
});

browserTest("an emergency told to a chat that is gone is answered at once, and the words stay", async ({ page, desk }) => {
  await begin(page);
  desk.conversations.clear();
  await say(page, "she is not breathing");
  await page.locator(".alarm-place").getByText("Please act now").waitFor();
  assert.equal(await box(page).inputValue(), "she is not breathing");
});

browserTest("on a shared computer the chat is cleared here and stays at the desk", async ({ page, desk }) => {
  await begin(page);
  await box(page).fill("private words");
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Clear from this computer" }).click();
  await page.getByRole("button", { name: "Clear from here" }).click();
  await page.getByText("This browser has forgotten your chat.").waitFor();
  assert.equal(await box(page).inputValue(), "");
  assert.equal(desk.conversations.size, 1);
  await page.reload();
  await openChat(page);
  await page.getByText("You are not alone in this.").waitFor();
  assert.deepEqual(await transcript(page), []);
});

/** @param {Page} page */
async function clear(page) {
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Clear from this computer" }).click();
  await page.getByRole("button", { name: "Clear from here" }).click();
}

/** @param {Page} page @returns {Promise<string[]>} the names of all that the chat keeps in the browser. */
function kept(page) {
  return page.evaluate(() => [localStorage, sessionStorage].flatMap((area) => Object.keys(area)).filter((key) => key.startsWith("support-chat:")));
}

browserTest("a danger told to a chat that is found gone meanwhile is answered all the same", async ({ page, desk }) => {
  await begin(page);
  const release = await hold(page, "**/messages");
  await say(page, "she is not breathing");
  desk.conversations.clear();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  desk.cutStreams();
  await page.getByText("Your earlier chat can no longer be opened here.").waitFor();
  release();
  await page.locator(".alarm-place").getByText("Please act now").waitFor();
  assert.equal(await box(page).inputValue(), "she is not breathing");
});

browserTest("a wish for a person that brings a danger's answer, or is answered out of view, opens no form", async ({ page, desk }) => {
  desk.isStaffed = false;
  await begin(page);
  const form = page.getByRole("heading", { name: "Have someone contact you" });
  const release = await hold(page, "**/handoff");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByRole("button", { name: "Minimize chat" }).click();
  release();
  await until(() => desk.conversation.messages.some(({ kind }) => kind === "handoff"), "it is answered");
  await page.getByRole("button", { name: /1 new message/ }).waitFor();
  await openChat(page);
  await page.route("**/handoff", async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    await route.fulfill({ response, json: { ...body, messages: [...body.messages, { ...body.messages[0], id: "danger", seq: 99, kind: "safety", safety: "emergency", text: "Call 911 now.", choices: [] }] } });
  });
  await page.getByRole("heading", { name: "Family support chat" }).click();
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLog(page, "Call 911 now.").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await form.count(), 0);
});

browserTest("a chat that is still being opened when it is cleared does not come back", async ({ page, desk }) => {
  await openChat(page);
  const release = await hold(page, "**/conversations");
  await say(page, "private words");
  await clear(page);
  await page.getByText("This browser has forgotten your chat.").waitFor();
  const answered = page.waitForResponse("**/conversations");
  release();
  await answered;
  await page.waitForTimeout(500);
  assert.deepEqual([await kept(page), await transcript(page)], [[], []]);
  assert.ok(desk.conversation.messages.every(({ sender }) => sender !== "visitor"), "the words are not sent");
});

browserTest("an answer that comes after the clearing changes nothing", async ({ page, desk }) => {
  await begin(page);
  const release = await hold(page, "**/messages");
  await say(page, "private words");
  await clear(page);
  desk.conversations.clear();
  const answered = page.waitForResponse("**/messages");
  release();
  await answered;
  await page.waitForTimeout(500);
  assert.deepEqual([await kept(page), await transcript(page)], [[], []]);
  assert.ok(await page.getByText("This browser has forgotten your chat.").isVisible());
});

browserTest("what is cleared in one tab does not stay in another, and is not written back", async ({ page, context, address, desk }) => {
  await begin(page);
  const [other, away] = [await newPage(context, address), await newPage(context, address)];
  for (const tab of [other, away]) {
    await openChat(tab);
    await inLog(tab, "I am glad that you are here.").waitFor();
    await box(tab).fill("private words");
    await tab.getByRole("button", { name: "More options" }).click();
    await tab.getByRole("button", { name: "Have someone call me" }).click();
    await tab.getByLabel("Your name").fill("Maria");
  }
  await away.getByRole("button", { name: "Minimize chat" }).click();
  await clear(page);
  await other.getByText("This browser has forgotten your chat.").waitFor();
  await page.waitForTimeout(500);
  for (const tab of [other, away]) assert.deepEqual(await kept(tab), []);
  await openChat(away);
  for (const tab of [other, away]) assert.deepEqual([await box(tab).inputValue(), await transcript(tab)], ["", []]);
  assert.equal(desk.conversations.size, 1);
});
