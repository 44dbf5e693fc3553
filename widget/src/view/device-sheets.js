import { sheetStrings } from "../strings-sheets.js";
import { strings } from "../strings.js";
import { DeskError } from "../transport/desk-error.js";
import { button, h, setText } from "./dom.js";
import { sheetTitle } from "./sheets.js";
import { formatDay, formatTime } from "./text.js";

/** @import {Chat} from "../session/chat.js" */
/** @import {ResumeHandlers} from "../types.js" */

/**
 * Makes the link with which the chat goes on elsewhere, and takes it away with the chat.
 *
 * @param {string} language
 * @param {Chat} chat
 * @returns {HTMLElement}
 */
export function linkSheet(language, chat) {
  const { device } = sheetStrings;
  const said = h("p", { role: "status" });
  const place = h("div", {});
  const make = button("solid", () => void run(), device.make);

  const run = async () => {
    make.disabled = true;
    setText(said, "");
    try {
      const { token, expires_at: until } = await chat.resumeLink();
      const link = h("input", { id: "resume-link", readonly: true, value: `${location.href.split("#")[0]}#resume=${token}` });
      place.replaceChildren(
        h("div", { class: "field" }, h("label", { for: "resume-link" }, device.label), link),
        button("solid", () => void copy(link), device.copy),
        h("p", {}, device.until(`${formatDay(until, language)}, ${formatTime(until, language)}`)),
        h("p", { class: "small" }, device.care),
      );
      make.remove();
      watch();
      link.focus();
      link.select();
    } catch {
      make.disabled = false;
      setText(said, device.failed);
    }
  };

  /** @param {HTMLInputElement} link */
  const copy = async (link) => {
    link.select();
    // Without the right to the clipboard the link stays selected, to be copied by hand.
    await navigator.clipboard?.writeText(link.value).then(() => setText(said, device.copied), () => link.focus());
  };

  /** This browser may open the chat no more: the link was used, or the chat was erased. */
  const watch = () => {
    const stop = chat.subscribe(() => {
      if (sheet.isConnected && chat.state.notice !== "gone") return;
      stop();
      const hadFocus = sheet.matches(":focus-within");
      sheet.replaceChildren(title, said);
      setText(said, device.gone);
      if (hadFocus) title.focus();
    });
  };

  const title = sheetTitle(device.title);
  const sheet = h("div", {}, title, h("p", {}, device.text), make, place, said);
  return sheet;
}

/**
 * Asks before a link is used, since it works once: a preview of a link must not spend it.
 *
 * @param {boolean} hasOther whether another chat is in this browser.
 * @param {ResumeHandlers} handlers
 * @returns {HTMLElement}
 */
export function resumeSheet(hasOther, { onUse, onAfresh, onDone }) {
  const { resume } = sheetStrings;
  const problem = h("p", { class: "problem", role: "alert" });
  const go = button("solid", () => void run(), resume.go);
  const row = h("div", { class: "row" }, go, button("quiet", onDone, strings.confirm.cancel));

  const run = async () => {
    go.disabled = true;
    setText(problem, "");
    try {
      await onUse();
      onDone();
    } catch (error) {
      go.disabled = false;
      const status = error instanceof DeskError && !error.isTemporary ? error.status : 0;
      setText(problem, { 404: resume.unknown, 410: resume.spent }[status] ?? resume.failed);
      if (status !== 404 && status !== 410) return;
      const afresh = button("solid", onAfresh, resume.afresh);
      row.replaceChildren(afresh);
      afresh.focus();
    }
  };

  return h(
    "div", {}, sheetTitle(resume.title), h("p", {}, resume.text),
    hasOther && h("p", {}, resume.other), problem, row,
  );
}
