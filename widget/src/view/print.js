import { sheetStrings } from "../strings-sheets.js";
import { strings } from "../strings.js";
import { h } from "./dom.js";
import { authorName } from "./message.js";
import { drawText, formatDate, formatDay, formatTime, readText } from "./text.js";

/** @import {ChatState, Message} from "../types.js" */

const PRINT_STYLES = `
  body { font: 12pt/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em; color: #000; }
  h1 { font-size: 1.4em; } h2 { font-size: 1em; margin: 1.5em 0 .2em; } h2 span { font-weight: normal; }
  p { margin: .3em 0; } article { break-inside: avoid; } .aside { font-size: .9em; }
`;

/**
 * Writes the conversation into a plain page of its own and prints that, sources included.
 *
 * @param {Window} page an empty one.
 * @param {ChatState} state
 * @param {string} language
 */
export function printChat(page, { messages, service }, language) {
  const { print } = sheetStrings;
  const { document: sheet } = page;
  sheet.title = print.title;
  sheet.documentElement.lang = language;
  const styles = new (/** @type {typeof globalThis} */ (/** @type {unknown} */ (page)).CSSStyleSheet)();
  styles.replaceSync(PRINT_STYLES);
  sheet.adoptedStyleSheets = [styles];
  sheet.body.append(
    h("h1", {}, [service.organisation?.name, print.title].filter(Boolean).join(": ")),
    h("p", {}, print.printed(formatDay(Date.now(), language))),
    ...messages.map((message) => printMessage(message, service.notices.review_pending, language)),
  );
  page.print();
}

/**
 * @param {Message} message
 * @param {string} pending
 * @param {string} language
 */
function printMessage(message, pending, language) {
  const { answer, created_at: at, text } = message;
  const isPending = answer && answer.kind !== "service" && answer.review_status === "pending";
  return h(
    "article", {},
    h("h2", {}, authorName(message), h("span", {}, `, ${formatDay(at, language)}, ${formatTime(at, language)}`)),
    ...drawText(readText(text)),
    isPending && h("p", { class: "aside" }, `${strings.review.label}. ${pending}`),
    answer && answer.sources.length > 0 && h("p", { class: "aside" }, sheetStrings.print.sources),
    answer && h("ul", { class: "aside" }, ...answer.sources.map(({ title, publisher, url, published_on: date }) => h(
      "li", {}, [title, publisher, date && formatDate(date, language), url].filter(Boolean).join(", "),
    ))),
  );
}
