import assert from "node:assert/strict";

import { begin, box, browserTest, checkAccess, inLine, inLog, newPage, PHONE, say, transcript, until } from "./house.mjs";

/** @import {Page} from "playwright-core" */

const STORM = { message: "A storm has cut our <b>phones</b>.\nWe are sorry.", until: new Date(Date.now() + 3 * 3_600_000).toISOString() };

/** @param {Page} page */
function fromTheTeam(page) {
  return page.getByRole("dialog").getByText("From our team:", { exact: true });
}

/** @param {Page} page @param {string} item */
async function pick(page, item) {
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: item }).click();
}

browserTest("a sudden closing shows by itself, in the team's own words, and goes by itself", async ({ page, desk }) => {
  await page.clock.install();
  await begin(page);
  await page.getByText("Chatbot · specialists are here").waitFor();
  desk.closure = STORM;
  await page.clock.runFor(31_000);
  await fromTheTeam(page).waitFor();
  await page.getByText("A storm has cut our <b>phones</b>.").first().waitFor();
  await page.getByText(/specialists are back/).waitFor();
  assert.ok(!(await transcript(page)).some((line) => line.includes("storm")), "no message of the bot says it");
  await checkAccess(page, "closed at once");
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByRole("heading", { name: "Have someone contact you" }).waitFor();
  await page.getByRole("button", { name: "Back to the chat" }).click();
  desk.closure = null;
  await page.clock.runFor(31_000);
  await page.getByText("Chatbot · specialists are here").waitFor();
  assert.equal(await fromTheTeam(page).isVisible(), false);
});

browserTest("when the service closes in the middle of a chat, the chat goes on", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  desk.closure = { message: "", until: null };
  await page.evaluate(() => dispatchEvent(new Event("online")));
  desk.specialistJoins("Ana Rivera");
  desk.specialistSays("Hello, I am Ana.");
  await inLog(page, "Hello, I am Ana.").waitFor();
  await say(page, "Thank you, Ana");
  await until(() => desk.conversation.messages.some(({ text }) => text === "Thank you, Ana"), "it is sent");
  await page.getByText("Ana Rivera · information specialist").waitFor();
});

browserTest("closing soon is told with its time, where the hours are confirmed", async ({ page, desk }) => {
  desk.closesAt = new Date(2026, 10, 23, 17).toISOString();
  await begin(page);
  await page.getByText("Chatbot · specialists are here until 5:00 PM").waitFor();
  desk.hasVerifiedHours = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.getByText("Chatbot · specialists are here", { exact: true }).waitFor();
});

browserTest("a closing whose end the team has named is told, though the hours are unconfirmed", async ({ page, desk }) => {
  Object.assign(desk, { hasVerifiedHours: false, closure: STORM });
  await begin(page);
  await page.getByText(/specialists are back (today|tomorrow)/).waitFor();
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await page.getByText(/Nobody is here to chat right now. Our specialists are back (today|tomorrow)/).waitFor();
});

browserTest("the desk learns the family's time zone", async ({ page, desk }) => {
  await begin(page);
  assert.equal(desk.openings[0].time_zone, "America/Chicago");
}, { timezoneId: "America/Chicago" });

browserTest("a long wait ends in a choice; a question that is left has all that was typed", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  await say(page, "He has a fever since noon.");
  await inLog(page, "He has a fever since noon.").waitFor();
  await box(page).fill("And he will not drink.");
  desk.remindWaiting();
  const line = page.getByRole("region", { name: "Waiting for a specialist" });
  for (const name of ["Keep waiting", "Ask the chatbot while I wait", "Go back to the chatbot"]) await line.getByRole("button", { name }).waitFor();
  await line.getByRole("button", { name: "Ask a person to contact me" }).click();
  await page.getByRole("heading", { name: "Leave your question" }).waitFor();
  assert.equal(await page.getByLabel("What would you like to talk about? (optional)").inputValue(), "He has a fever since noon.\n\nAnd he will not drink.");
  await page.getByLabel("Your name").fill("Maria");
  await page.getByLabel("Email address").fill("maria@example.org");
  await page.getByRole("button", { name: "Send request" }).click();
  await page.getByText("CB-7F3K").waitFor();
  assert.equal(desk.callbacks[0].kind, "question");
  await page.getByRole("button", { name: "Back to the chat" }).last().click();
  assert.equal(await box(page).inputValue(), "", "what went along is not there to be sent again");
  await inLine(page, "You are number 2").waitFor();
});

browserTest("a chat that is about to close can be kept with one tap", async ({ page, desk }) => {
  await begin(page);
  desk.warnIdle();
  await page.getByRole("button", { name: "I am still here" }).click();
  await inLog(page, "This chat stays open.").waitFor();
});

browserTest("each stretch of talk is asked about once, beside the chat, bot and person apart", async ({ page, desk }) => {
  await begin(page);
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  const bar = page.getByRole("region", { name: "How did it go?" });
  assert.equal(await bar.isVisible(), false);
  desk.specialistJoins("Ana Rivera");
  desk.specialistSays("Hello, I am Ana.");
  await inLog(page, "Hello, I am Ana.").waitFor();
  assert.equal(await bar.isVisible(), false, "a talk is never interrupted");
  await box(page).fill("a thought");
  desk.specialistHandsBack();
  await bar.getByText("You talked with Ana Rivera.").waitFor();
  await checkAccess(page, "asked about a talk");
  assert.equal(await box(page).inputValue(), "a thought");
  await bar.getByRole("button", { name: "How did it go?" }).click();
  await page.getByRole("group", { name: "How helpful was the specialist?" }).getByLabel("Very").check();
  assert.equal(await page.getByRole("group", { name: "How helpful was the chatbot?" }).count(), 0, "the bot is not done yet");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Your answer helps us").waitFor();
  await page.getByRole("button", { name: "Back to the chat" }).last().click();
  await until(async () => !(await bar.isVisible()), "it is not asked again");
  desk.specialistJoins("Ben Okafor");
  desk.specialistSays("Ben here.");
  desk.specialistHandsBack();
  await bar.getByText("You talked with Ben Okafor.").waitFor();
  await bar.getByRole("button", { name: "Not now" }).click();
  await page.reload();
  await inLog(page, "Ben here.").waitFor();
  assert.equal(await bar.isVisible(), false, "a reload does not ask again");
  await pick(page, "End this chat");
  await page.getByRole("button", { name: "End chat" }).click();
  await page.getByRole("button", { name: "How did it go?" }).click();
  await page.getByRole("group", { name: "How helpful was the chatbot?" }).getByLabel("Somewhat").check();
  assert.equal(await page.getByRole("group", { name: "How helpful was the specialist?" }).count(), 0);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Your answer helps us").waitFor();
  await page.getByRole("button", { name: "Back to the chat" }).last().click();
  assert.equal(await page.getByRole("button", { name: "How did it go?" }).isVisible(), false);
  assert.deepEqual(desk.surveys.map(({ about, score }) => [about, score]), [["specialist", 4], ["bot", 3]]);
});

/** @param {Page} page @returns {Promise<string>} the address that the sheet shows. */
async function makeLink(page) {
  await pick(page, "Continue on another device");
  await page.getByRole("heading", { name: "Continue on another device" }).waitFor();
  await checkAccess(page, "before the link");
  await page.getByRole("button", { name: "Make a link" }).click();
  await page.getByText(/It works once, until .* 9:00 AM/).waitFor();
  await checkAccess(page, "the link");
  return page.getByLabel("Your link").inputValue();
}

browserTest("where the link still stands, it goes with the chat, and only what is known is told", async ({ page, context, address }) => {
  await begin(page);
  const link = await makeLink(page);
  const elsewhere = await /** @type {import("playwright-core").Browser} */ (context.browser()).newContext(PHONE);
  try {
    const phone = await newPage(elsewhere, address);
    await phone.goto(link);
    await phone.reload();
    await phone.getByRole("button", { name: "Open my chat here" }).click();
    await inLog(phone, "I am glad that you are here.").waitFor();
  } finally {
    await elsewhere.close();
  }
  await page.getByText("This chat can no longer be opened here. If the link was used, it goes on there.").waitFor();
  assert.equal(await page.getByLabel("Your link").count(), 0, "a spent link is not offered");
  assert.equal(await page.getByRole("button", { name: /link/ }).count(), 0);
  assert.ok(await page.getByRole("heading", { name: "Continue on another device" }).evaluate((title) => title.matches(":focus")));
  await checkAccess(page, "a link that was used");
  await page.getByRole("button", { name: "Back to the chat" }).click();
  await page.getByText("can no longer be opened here").waitFor();
});

browserTest("a chat goes on where its link is opened, once, and ends where it was", async ({ page, desk, context, address }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: address });
  await begin(page);
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  const link = await makeLink(page);
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/#resume=[0-9a-f]+:sign$/);
  await page.getByRole("button", { name: "Copy the link" }).click();
  await page.getByText("Copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await page.getByRole("button", { name: "Back to the chat" }).click();

  const elsewhere = await /** @type {import("playwright-core").Browser} */ (context.browser()).newContext(PHONE);
  try {
    const phone = await newPage(elsewhere, address);
    await phone.goto(link);
    await phone.reload();
    await phone.getByRole("heading", { name: "Go on with your chat here?" }).waitFor();
    await checkAccess(phone, "before a link is used");
    assert.equal([...desk.links.values()][0].isSpent, false, "a look at it does not spend it");
    await phone.getByRole("button", { name: "Open my chat here" }).click();
    await inLog(phone, "about 8 in 10").waitFor();
    assert.ok(!phone.url().includes("#"), "the secret leaves the address");
    await page.getByText("Your earlier chat can no longer be opened here.").waitFor();
    await say(phone, "side effects");
    await inLog(phone, "Which one do you mean?").waitFor();
    await phone.goto(`${address}/`);
    await inLog(phone, "Which one do you mean?").waitFor();

    await page.goto(link);
    await page.reload();
    await page.getByRole("button", { name: "Open my chat here" }).click();
    await page.getByText("This link was used already").waitFor();
    await checkAccess(page, "a spent link");
    await page.getByRole("button", { name: "Start a new chat" }).click();
    await say(page, "study");
    await inLog(page, "about 8 in 10").waitFor();
    assert.equal(desk.conversations.size, 2);
  } finally {
    await elsewhere.close();
  }
});

browserTest("a link opened in the browser that made it leaves every tab in the chat", async ({ page, desk, context, address }) => {
  await begin(page);
  const link = await makeLink(page);
  await page.getByRole("button", { name: "Back to the chat" }).click();
  const other = await newPage(context, address);
  await other.goto(link);
  await other.reload();
  await other.getByRole("button", { name: "Open my chat here" }).click();
  await inLog(other, "I am glad that you are here.").waitFor();
  await say(other, "study");
  await inLog(other, "about 8 in 10").waitFor();
  await inLog(page, "about 8 in 10").waitFor();
  await say(page, "side effects");
  await inLog(other, "Which one do you mean?").waitFor();
  assert.equal(await page.getByText("can no longer be opened here").count(), 0);
  assert.equal(desk.conversations.size, 1);
});

browserTest("a broken link is told from a spent one, and the chat that is here stays", async ({ page, desk, address }) => {
  await begin(page);
  await page.evaluate(() => {
    location.hash = "#resume=broken";
  });
  await page.getByText("The chat that is in this browser now is put away.").waitFor();
  await page.getByRole("button", { name: "Open my chat here" }).click();
  await page.getByText("This link is not complete").waitFor();
  await page.getByRole("button", { name: "Back to the chat" }).click();
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  assert.equal(desk.conversations.size, 1);
  assert.equal(page.url(), `${address}/`);
});

browserTest("a link that cannot be asked about is kept for another try", async ({ page, desk }) => {
  await begin(page);
  const link = await makeLink(page);
  desk.faults.failures = { count: 1, status: 503, path: "resume", retryAfter: 0, method: "POST" };
  await page.goto(link);
  await page.reload();
  await page.getByRole("button", { name: "Open my chat here" }).click();
  await page.getByText("Your link is still good.").waitFor();
  // A browser tries once more by itself where it used an open connection, and not on a new one.
  desk.faults.lostAnswers = Infinity;
  const lost = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/resume"));
  await page.getByRole("button", { name: "Open my chat here" }).click();
  await lost;
  desk.faults.lostAnswers = 0;
  await page.getByText("Your link is still good.").waitFor();
  assert.equal([...desk.links.values()][0].isSpent, true, "used, but its answer was lost");
  assert.equal(page.url(), link, "the address keeps it for another try");
  await page.getByRole("button", { name: "Open my chat here" }).click();
  await inLog(page, "I am glad that you are here.").waitFor();
});

browserTest("a link that shuts out the chat that is here goes on, though its answer comes late", async ({ page }) => {
  await begin(page);
  const link = await makeLink(page);
  await page.goto(link);
  await page.reload();
  let release = () => {};
  const held = new Promise((resolve) => {
    release = () => resolve(null);
  });
  await page.route("**/resume", async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  });
  await page.getByRole("button", { name: "Open my chat here" }).click();
  const isThere = () => page.evaluate(() => Object.keys(localStorage).some((key) => key.endsWith(":conversation")));
  await until(async () => !(await isThere()), "the old token is given up");
  release();
  await inLog(page, "I am glad that you are here.").waitFor();
});

browserTest("a new chat names the one it goes on from only where a link brought that here", async ({ page, desk }) => {
  await begin(page);
  await pick(page, "End this chat");
  await page.getByRole("button", { name: "End chat" }).click();
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await say(page, "hello");
  await inLog(page, "I am glad that you are here.").waitFor();
  assert.equal(desk.openings[1].continues, undefined);
  const link = await makeLink(page);
  await page.goto(link);
  await page.reload();
  await page.getByRole("button", { name: "Open my chat here" }).click();
  await inLog(page, "I am glad that you are here.").waitFor();
  await pick(page, "End this chat");
  await page.getByRole("button", { name: "End chat" }).click();
  const { id, token } = desk.conversation;
  await page.getByRole("button", { name: "Start a new chat" }).click();
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  assert.deepEqual(desk.openings[2].continues, { id, token });
});

browserTest("a copy is sent by mail where the desk sends any", async ({ page, desk }) => {
  desk.hasMail = true;
  await begin(page);
  await pick(page, "Save this chat");
  const address = page.getByLabel("Or have it sent to this email address");
  const send = page.getByRole("button", { name: "Send by email" });
  const mistake = page.getByText("Check the email address. It looks like name@example.org.", { exact: true });
  for (const [typed, by] of [["maria", "the page"], ["maria@example", "the desk"]]) {
    const refused = typed.includes("@") ? page.waitForResponse((response) => response.status() === 422) : null;
    await address.fill(typed);
    await send.click();
    await refused;
    await mistake.waitFor();
    assert.equal(await address.getAttribute("aria-invalid"), "true", by);
    assert.ok(await address.evaluate((field) => field.matches(":focus")), `${by}: the field has the focus`);
    const told = await address.evaluate((field) => {
      const beside = /** @type {ShadowRoot} */ (field.getRootNode()).getElementById(field.getAttribute("aria-describedby") ?? "");
      return beside && { text: beside.textContent, color: getComputedStyle(beside).color };
    });
    assert.deepEqual(told, { text: await mistake.textContent(), color: "rgb(168, 32, 26)" }, by);
    await address.fill("");
    await address.fill(typed);
    await address.press("Enter");
    await page.getByRole("alert").and(mistake).waitFor();
    await address.fill("");
    assert.equal(await mistake.count(), 0, "a mistake goes when the field is changed");
  }
  await address.fill("maria@example");
  await send.click();
  await mistake.waitFor();
  await checkAccess(page, "a copy by mail");
  desk.faults.failures = { count: 1, status: 429, path: "transcript/email", retryAfter: 0, method: "POST" };
  await address.fill("maria@example.org");
  await send.click();
  await page.getByText("The desk says: trouble.").waitFor();
  assert.equal(await address.getAttribute("aria-invalid"), null, "the address was not what was wrong");
  await send.click();
  await page.getByText("It is on its way.").waitFor();
  assert.deepEqual(desk.mails.map(({ email }) => email), ["maria@example.org"]);
});

browserTest("a sheet that cannot be loaded says so, and the chat goes on", async ({ page, context }) => {
  await begin(page);
  await context.route("**/view/keep-sheet.js", (route) => route.abort());
  await pick(page, "Save this chat");
  await page.getByText("That could not be loaded.").waitFor();
  await checkAccess(page, "a sheet that could not be loaded");
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await box(page).fill("half a");
  await context.unroute("**/view/keep-sheet.js");
  await page.getByRole("button", { name: "Reload this page" }).press("Enter");
  await inLog(page, "about 8 in 10").waitFor();
  await until(async () => (await box(page).inputValue()) === "half a", "the draft is there");
  await pick(page, "Save this chat");
  await page.getByRole("heading", { name: "Save this chat" }).waitFor();
});
