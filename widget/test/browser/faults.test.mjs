import assert from "node:assert/strict";

import { begin, box, browserTest, checkAccess, inLine, inLog, newPage, openChat, say, transcript, until } from "./house.mjs";

/** @import {Page} from "playwright-core" */
/** @import {FakeDesk} from "../fake-desk.mjs" */

/**
 * @param {FakeDesk} desk
 * @returns {string[]} what the visitor said, as the desk has stored it.
 */
function stored(desk) {
  return desk.conversation.messages.filter(({ sender }) => sender === "visitor").map(({ text }) => text);
}

browserTest("an answer that is lost on its way costs nothing and doubles nothing", async ({ page, desk }) => {
  await begin(page);
  desk.faults.lostAnswers = 2;
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await until(() => desk.faults.lostAnswers === 0 || stored(desk).length === 2, "the message is stored");
  await page.waitForTimeout(2500);
  assert.deepEqual(stored(desk), ["hello", "study"]);
  assert.deepEqual((await transcript(page)).filter((line) => line.startsWith("You")), ["You: hello", "You: study"]);
});

browserTest("with streaming blocked as well, a lost answer is asked for again and given once", async ({ page, desk }) => {
  desk.faults.stream = "refused";
  await begin(page);
  desk.faults.lostAnswers = 2;
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  assert.deepEqual(stored(desk), ["hello", "study"]);
  assert.equal(await inLog(page, "about 8 in 10").count(), 1);
});

browserTest("without a network words are kept, shown as unsent, and go out in order when it is back", async ({ page, desk }) => {
  await begin(page);
  desk.faults.isOffline = true;
  desk.cutStreams();
  await say(page, "first question about hours");
  await say(page, "study");
  await page.getByText("No connection.").waitFor();
  await page.getByText("Not sent yet.").first().waitFor();
  await checkAccess(page, "offline with unsent messages");
  await page.reload();
  await page.getByText("Not sent yet.").first().waitFor();
  assert.deepEqual(await transcript(page), ["You: first question about hours", "You: study"]);
  desk.faults.isOffline = false;
  await page.getByRole("button", { name: "Try now" }).first().click();
  await inLog(page, "about 8 in 10").waitFor();
  assert.deepEqual(stored(desk), ["hello", "first question about hours", "study"]);
  await until(async () => !(await page.getByText("No connection.").isVisible()), "the line is back");
});

browserTest("the very first message survives a reload without a network", async ({ page, desk }) => {
  await openChat(page);
  desk.faults.isOffline = true;
  await say(page, "study");
  await page.getByText("Not sent yet.").waitFor();
  await page.reload();
  await page.getByText("Not sent yet.").waitFor();
  desk.faults.isOffline = false;
  await inLog(page, "about 8 in 10").waitFor();
  assert.equal(desk.conversations.size, 1);
});

browserTest("an unsent message can be taken back", async ({ page, desk }) => {
  await begin(page);
  desk.faults.isOffline = true;
  await say(page, "never mind");
  await page.getByRole("button", { name: "Remove" }).click();
  desk.faults.isOffline = false;
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  assert.deepEqual(stored(desk), ["hello", "study"]);
});

for (const stream of ["doubled", "reordered"]) {
  browserTest(`a stream that comes ${stream} shows each message once and in order`, async ({ page, desk }) => {
    desk.faults.stream = stream;
    await begin(page);
    await page.getByRole("button", { name: "Talk to a person" }).click();
    await inLine(page, "You are number 2").waitFor();
    desk.specialistJoins("Ana Rivera");
    for (let count = 1; count <= 9; count += 1) desk.specialistSays(`line ${count}`);
    await inLog(page, "line 9").waitFor();
    const lines = (await transcript(page)).filter((line) => line.includes(": line ")).map((line) => line.split(": ")[1]);
    assert.deepEqual(lines, Array.from({ length: 9 }, (_, index) => `line ${index + 1}`));
  });
}

browserTest("where streaming is held back, a specialist's words arrive by polling", async ({ page, desk }) => {
  desk.faults.stream = "silent";
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  const count = (/** @type {string} */ end) => desk.calls.filter((call) => call.endsWith(end)).length;
  await until(() => count("/stream") === 2, "the stream was tried twice");
  const before = count("GET conversations/{id}/messages");
  await until(() => count("GET conversations/{id}/messages") > before, "polling has begun");
  desk.specialistJoins("Ana Rivera");
  for (const words of ["Here I am.", "How is she?"]) {
    desk.specialistSays(words);
    await inLog(page, words).waitFor({ timeout: 40_000 });
  }
  assert.equal(count("/stream"), 2, "no further stream is begun while polling");
});

browserTest("a stream that is cut again and again loses nothing", async ({ page, desk }) => {
  await begin(page);
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await inLine(page, "You are number 2").waitFor();
  desk.specialistJoins("Ana Rivera");
  for (let count = 1; count <= 6; count += 1) {
    desk.cutStreams();
    desk.specialistSays(`line ${count}`);
    await page.waitForTimeout(120);
  }
  await inLog(page, "line 6").waitFor();
  const lines = (await transcript(page)).filter((line) => line.includes(": line "));
  assert.equal(lines.length, 6);
});

browserTest("errors of the desk are borne, whatever they are", async ({ page, desk }) => {
  await begin(page);
  for (const status of [500, 502, 503, 429]) {
    desk.faults.failures = { count: 1, status, path: "messages", retryAfter: status === 429 ? 1 : 0, method: "POST" };
    await say(page, `study ${status}`);
    await until(() => stored(desk).includes(`study ${status}`), `${status} is over`);
  }
  await until(async () => (await page.getByText("Not sent yet").count()) === 0, "nothing waits");
  assert.equal(stored(desk).length, 5);
});

browserTest("too many messages at once are explained and go out by themselves", async ({ page, desk }) => {
  await begin(page);
  desk.faults.failures = { count: 1, status: 429, path: "messages", retryAfter: 3, method: "POST" };
  await say(page, "study");
  await page.getByText("That was a lot at once.").waitFor();
  await inLog(page, "about 8 in 10").waitFor();
});

browserTest("a chat that another device has erased is left without losing a word", async ({ page, desk }) => {
  await begin(page);
  await box(page).fill("half a");
  desk.faults.isOffline = true;
  await say(page, "Can my other child visit the hospital?");
  await page.getByText("Not sent yet.").waitFor();
  desk.conversations.clear();
  desk.faults.isOffline = false;
  await page.getByText("Your earlier chat can no longer be opened here.").waitFor();
  assert.equal(await box(page).inputValue(), "Can my other child visit the hospital?");
  assert.deepEqual(await transcript(page), []);
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
});

/** @param {Page} page with something that waits to be sent. */
async function waitsOffline(page) {
  await page.getByText("Not sent yet.").first().waitFor();
}

browserTest("words that lose their chat while the panel is away stand in the box at the next opening", async ({ page, desk }) => {
  await begin(page);
  desk.faults.isOffline = true;
  await say(page, "Can my other child visit the hospital?");
  await waitsOffline(page);
  await box(page).fill("half a");
  await page.getByRole("button", { name: "Minimize chat" }).click();
  desk.conversations.clear();
  desk.faults.isOffline = false;
  await page.reload();
  const isThere = () => page.evaluate(() => Object.keys(localStorage).some((key) => key.endsWith(":conversation")));
  await until(async () => !(await isThere()), "the chat is given up");
  await page.reload();
  await openChat(page);
  await page.getByText("Your earlier chat can no longer be opened here.").waitFor();
  assert.equal(await box(page).inputValue(), "Can my other child visit the hospital?\n\nhalf a");
});

browserTest("a tab whose chat another tab has found gone says so and has the words", async ({ page, context, address, desk }) => {
  await begin(page);
  const other = await newPage(context, address);
  await openChat(other);
  await inLog(other, "I am glad that you are here.").waitFor();
  await box(other).fill("from the other tab");
  await other.route("**/api/**", (route) => route.abort());
  desk.faults.isOffline = true;
  await say(page, "study");
  await waitsOffline(page);
  desk.conversations.clear();
  desk.faults.isOffline = false;
  await other.getByText("Your earlier chat can no longer be opened here.").waitFor();
  const [first, ...rest] = (await box(other).inputValue()).split("\n\n");
  assert.deepEqual([first, rest.includes("from the other tab")], ["study", true]);
});

browserTest("a person who was asked for in a chat that is gone is asked for in a new one", async ({ page, desk }) => {
  await begin(page);
  desk.faults.isOffline = true;
  await page.getByRole("button", { name: "Talk to a person" }).click();
  await waitsOffline(page);
  desk.conversations.clear();
  desk.faults.isOffline = false;
  await inLine(page, "You are number 2").waitFor();
  assert.deepEqual([desk.conversations.size, desk.conversation.state], [1, "queued"]);
});

browserTest("a first message typed without a network goes out from the next page, unopened", async ({ page, context, address, desk }) => {
  await openChat(page);
  desk.faults.isOffline = true;
  await say(page, "study");
  await waitsOffline(page);
  await page.close();
  desk.faults.isOffline = false;
  await newPage(context, address);
  await until(() => desk.conversations.size === 1 && stored(desk).length === 1, "it is sent");
});

for (const status of [401, 404, 410]) {
  browserTest(`a page of somebody else that answers ${status} in the desk's place ends no chat`, async ({ page, context, desk }) => {
    await begin(page);
    await context.route("**/api/**", (route) => route.fulfill({ status, contentType: "text/html", body: "<h1>Sign in to the hospital's network</h1>" }));
    desk.cutStreams();
    await say(page, "study");
    await page.getByText("Not sent yet.").waitFor();
    await page.getByText("No connection.").waitFor();
    await context.unroute("**/api/**");
    await inLog(page, "about 8 in 10").waitFor();
    assert.deepEqual([stored(desk), desk.conversations.size], [["hello", "study"], 1]);
  });
}

browserTest("an answer that the desk does not find any more cannot be rated, and the chat goes on", async ({ page, desk }) => {
  await begin(page);
  await say(page, "study");
  desk.faults.failures = { count: 1, status: 404, path: "feedback", retryAfter: 0, method: "POST", slug: "not-found" };
  await page.getByRole("button", { name: "Yes", exact: true }).click();
  await page.getByText("That could not be saved.").waitFor();
  await say(page, "hours");
  await inLog(page, "Monday to Friday").waitFor();
  assert.equal(desk.conversations.size, 1);
});

browserTest("a chat that was closed meanwhile refuses in plain words, keeps the text and shows the danger", async ({ page, desk }) => {
  desk.faults.stream = "silent";
  await begin(page);
  desk.conversation.state = "closed";
  await say(page, "he cannot breathe");
  await page.getByText("Not sent, because this chat has ended.").waitFor();
  await page.getByRole("log").getByRole("link", { name: "Call 911" }).waitFor();
  await page.getByRole("button", { name: "Start a new chat" }).click();
  assert.equal(await box(page).inputValue(), "he cannot breathe");
});

browserTest("two tabs that say something at the same moment open one conversation", async ({ page, context, address, desk }) => {
  const other = await newPage(context, address);
  for (const tab of [page, other]) await openChat(tab);
  for (const tab of [page, other]) {
    await box(tab).fill(tab === page ? "study" : "hours");
  }
  await Promise.all([page, other].map((tab) => box(tab).press("Enter")));
  await inLog(page, "Monday to Friday").waitFor();
  await inLog(other, "about 8 in 10").waitFor();
  assert.equal(desk.conversations.size, 1);
  assert.equal(stored(desk).length, 2);
});
