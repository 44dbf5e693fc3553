import assert from "node:assert/strict";

import { begin, box, browserTest, checkAccess, inLog, newPage, openChat, PHONE, say, transcript, until } from "./house.mjs";

browserTest("nothing is stored and nobody is asked before the first opening", async ({ page, desk, context }) => {
  const launcher = page.getByRole("button", { name: "Chat with us" });
  await launcher.waitFor();
  const stored = () => page.evaluate(() => localStorage.length + sessionStorage.length);
  assert.equal(await stored(), 0);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(desk.calls, []);
  await launcher.click();
  await page.getByText("You are not alone in this.").waitFor();
  assert.deepEqual(desk.calls, ["GET service"], "no conversation before consent");
});

browserTest("a chat that cannot be loaded says so, and comes with the page that is loaded anew", async ({ page, context }) => {
  await context.route("**/view/stage.js", (route) => route.abort());
  await page.getByRole("button", { name: "Chat with us" }).press("Enter");
  await page.getByText("The chat could not be loaded. Please reload this page.").first().waitFor();
  await checkAccess(page, "a chat that could not be loaded");
  const reload = page.getByRole("button", { name: "Reload this page" });
  assert.ok(await reload.evaluate((button) => button.matches(":focus")), "the keyboard keeps its place");
  await context.unroute("**/view/stage.js");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Family support chat" }).waitFor();
});

browserTest("an answer shows its sources, its pending review and who wrote it", async ({ page, desk }) => {
  await openChat(page);
  await page.getByText("Before you start").waitFor();
  assert.equal(await page.getByRole("link", { name: "911" }).last().getAttribute("href"), "tel:911");
  await page.getByRole("button", { name: "What did the study find?" }).click();
  assert.equal(await box(page).inputValue(), "What did the study find?");
  await page.getByRole("button", { name: "Agree and send" }).click();
  await inLog(page, "about 8 in 10 babies (82%)").waitFor();
  await inLog(page, "A doctor or nurse has not checked this answer yet.").waitFor();
  assert.equal(await inLog(page, "Pending clinical review").count(), 1);
  const source = page.getByRole("link", { name: /Blinatumomab Added to Chemotherapy/ });
  assert.equal(await source.isVisible(), false);
  await page.getByText("Where this comes from").click();
  assert.equal(await source.getAttribute("rel"), "noopener noreferrer");
  await inLog(page, "New England Journal of Medicine, April 2023").waitFor();
  await inLog(page, "The Leukemia & Lymphoma Society, now Blood Cancer United, May 1, 2023").waitFor();
  assert.equal(await page.getByRole("log").locator("ul li").filter({ hasText: "30 babies" }).count(), 1);
  assert.deepEqual((await transcript(page)).map((line) => line.split(":")[0]), ["Chatbot", "You", "Chatbot"]);
  assert.equal(await page.getByText("Before you start").isVisible(), false);
  assert.equal(desk.conversations.size, 1);
});

browserTest("a service answer carries no clinical notice", async ({ page }) => {
  await openChat(page);
  await say(page, "what are your hours?");
  await inLog(page, "Monday to Friday").waitFor();
  assert.equal(await inLog(page, "Pending clinical review").count(), 0);
});

browserTest("a choice stays readable, after a reload too, and the other one stays usable", async ({ page }) => {
  await openChat(page);
  await say(page, "side effects");
  await page.getByRole("button", { name: "Effects that come later" }).click();
  await inLog(page, "Late effects are health problems").waitFor();
  await inLog(page, "Reviewed by a clinician on November 2, 2026").waitFor();
  for (const isReloaded of [false, true]) {
    if (isReloaded) await page.reload();
    await inLog(page, "You chose:").waitFor();
    assert.equal(await page.getByRole("button", { name: "Effects that come later" }).count(), 0);
  }
  await page.getByRole("button", { name: "Side effects of blinatumomab" }).click();
  await inLog(page, "Most side effects were ones").waitFor();
});

browserTest("a reload shows the same conversation, and the chat is open again", async ({ page }) => {
  await begin(page);
  await say(page, "What did the study find?");
  await inLog(page, "about 8 in 10").waitFor();
  await box(page).fill("half a sentence");
  const before = await transcript(page);
  await page.reload();
  await inLog(page, "about 8 in 10").waitFor();
  assert.deepEqual(await transcript(page), before);
  assert.equal(await box(page).inputValue(), "half a sentence");
  await until(() => page.getByRole("log").evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 8), "its end is in view");
});

browserTest("feedback is told to the desk, and a no leads to a person", async ({ page, desk }) => {
  await begin(page);
  await say(page, "study");
  await page.getByRole("button", { name: "Yes", exact: true }).click();
  await page.getByText("Thank you for telling us.").waitFor();
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByLabel("What was missing? (optional)").fill("It was too short.");
  await page.getByRole("button", { name: "Send comment" }).click();
  await until(() => desk.feedback.length === 3, "the comment has come");
  assert.deepEqual(desk.feedback.at(-1), { helpful: false, comment: "It was too short." });
  assert.equal(await page.getByRole("button", { name: "No", exact: true }).getAttribute("aria-pressed"), "true");
});

browserTest("a danger told in a comment is answered at once", async ({ page }) => {
  await begin(page);
  await say(page, "study");
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByLabel("What was missing? (optional)").fill("he stopped breathing");
  await page.getByRole("button", { name: "Send comment" }).click();
  const call = page.getByRole("dialog").getByRole("link", { name: "Call 911" });
  await call.waitFor();
  await checkAccess(page, "alarm beside the conversation");
  await page.getByRole("button", { name: "I have read this" }).click();
  assert.equal(await call.count(), 0);
});

browserTest("a danger is answered strikingly, with its numbers to call", async ({ page }) => {
  await openChat(page);
  await say(page, "I want to end my life");
  await inLog(page, "Please reach out now").waitFor();
  const numbers = await page.getByRole("log").locator("a.call").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.deepEqual(numbers, ["tel:988", "tel:911", "tel:18338526262"]);
});

browserTest("what a visitor types is never markup and never a link", async ({ page }) => {
  await begin(page);
  const text = "<img src=x onerror=\"document.title='broken'\"> https://example.com 911";
  await say(page, text);
  await page.getByRole("log").getByText("<img src=x", { exact: false }).waitFor();
  assert.equal(await page.getByRole("log").locator("img, .from-visitor a").count(), 0);
  assert.notEqual(await page.title(), "broken");
});

browserTest("a text that is too long is kept and not sent", async ({ page, desk }) => {
  await begin(page);
  await say(page, "a".repeat(4003));
  await page.getByText("3 characters too many").waitFor();
  assert.equal((await box(page).inputValue()).length, 4003);
  assert.equal(desk.conversation.messages.filter(({ sender }) => sender === "visitor").length, 1);
});

browserTest("a text that is too long and tells of an emergency is answered all the same", async ({ page }) => {
  await begin(page);
  const words = `my baby is not breathing ${"a".repeat(4000)}`;
  await say(page, words);
  await page.getByText("characters too many").waitFor();
  await page.getByText("Call 911 now.", { exact: true }).waitFor();
  assert.equal(await box(page).inputValue(), words);
});

browserTest("the first answer is in view on a small screen, below the greeting", async ({ page }) => {
  await openChat(page);
  await say(page, "study");
  const answer = inLog(page, "about 8 in 10");
  await answer.waitFor();
  await until(() => answer.evaluate((node) => {
    const view = /** @type {HTMLElement} */ (node.closest(".log")).getBoundingClientRect();
    return node.getBoundingClientRect().top < view.bottom;
  }), "the answer is in view");
}, { viewport: { width: 640, height: 400 } });

browserTest("a safety text comes into view whatever is being read", async ({ page, desk }) => {
  await begin(page);
  desk.faults.isOffline = true;
  desk.cutStreams();
  await say(page, "study");
  await say(page, "she stopped breathing");
  await page.getByText("Not sent yet.").first().waitFor();
  desk.faults.isOffline = false;
  await page.evaluate(() => dispatchEvent(new Event("online")));
  const alarm = inLog(page, "Call 911 now.");
  await alarm.waitFor();
  await until(() => alarm.evaluate((node) => {
    const { top } = node.getBoundingClientRect();
    const view = /** @type {HTMLElement} */ (node.closest(".log")).getBoundingClientRect();
    return top >= view.top && top < view.bottom;
  }), "the safety text is in view");
}, PHONE);

browserTest("a conversation can be kept as a file and on paper", async ({ page, context }) => {
  await begin(page);
  await say(page, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("button", { name: "Save this chat" }).click();
  await page.getByRole("heading", { name: "Save this chat" }).waitFor();
  for (const [button, name] of [["As a text file", "support-chat.txt"], ["As a web page", "support-chat.html"]]) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    assert.equal((await download).suggestedFilename(), name);
  }
  assert.equal(await page.getByLabel("Or have it sent to this email address").count(), 0, "no mail where the desk sends none");
  await page.getByRole("button", { name: "Back to the chat" }).click();
  await page.getByRole("button", { name: "More options" }).click();
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Print this chat" }).click();
  const paper = await opened;
  const text = await paper.locator("body").innerText();
  for (const part of ["Blood Cancer United", "about 8 in 10", "Pending clinical review", "New England Journal of Medicine", "https://www.nejm.org"]) {
    assert.ok(text.includes(part), part);
  }
});

browserTest("a link to #support-chat anywhere on the page opens the chat", async ({ page }) => {
  await page.getByRole("link", { name: "Ask a question" }).last().click();
  await page.getByRole("dialog").waitFor();
  assert.ok(!page.url().includes("#"));
});

browserTest("on a phone no button of the page passes under the launcher, however far it is scrolled", async ({ page }) => {
  for (const width of [390, 360]) {
    await page.setViewportSize({ width, height: 664 });
    const launcher = await page.getByRole("button", { name: /^Chat with us/ }).boundingBox();
    const found = await page.locator("a.button").all();
    const boxes = (await Promise.all(found.map((each) => each.boundingBox()))).filter((each) => each !== null);
    assert.equal(boxes.length, 5, "two at the top and one in each card");
    for (const { x, width: wide } of boxes) assert.ok(launcher && x + wide <= launcher.x, `${x + wide} at ${width}`);
  }
}, PHONE);

browserTest("another tab shows the same conversation as it goes on", async ({ page, context, address }) => {
  await begin(page);
  const other = await newPage(context, address);
  await openChat(other);
  await inLog(other, "I am glad that you are here.").waitFor();
  await say(other, "study");
  await inLog(page, "about 8 in 10").waitFor();
  await say(page, "what are your hours?");
  await inLog(other, "Monday to Friday").waitFor();
  assert.deepEqual(await transcript(page), await transcript(other));
});
