import { h } from "./dom.js";

const PHONE = String.raw`(?:\+?1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}`;
const ADDRESS = String.raw`https:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]`;

/** @import {Block, Service, Span} from "../types.js" */

/**
 * Reads plain text as the desk writes it: a blank line ends a paragraph, `- ` begins a list item.
 *
 * @param {string} text
 * @param {object} [options]
 * @param {boolean} [options.hasLinks] whether phone numbers and https addresses become links; never
 *   for what a visitor typed.
 * @param {readonly string[]} [options.numbers] short numbers that can be called, such as 911.
 * @returns {Block[]}
 */
export function readText(text, { hasLinks = false, numbers = [] } = {}) {
  const pattern = hasLinks ? linkPattern(numbers) : null;
  /** @type {Block[]} */
  const blocks = [];
  for (const part of text.replaceAll("\r\n", "\n").split(/\n[ \t]*\n/)) {
    for (const line of part.split("\n")) addLine(blocks, line, pattern);
    blocks.push({ kind: "paragraph", lines: [] });
  }
  return blocks.filter((block) => block.kind === "list" || block.lines.length > 0);
}

/**
 * @param {Block[]} blocks
 * @param {string} line
 * @param {RegExp | null} pattern
 */
function addLine(blocks, line, pattern) {
  const item = /^\s*- +(.*)$/.exec(line);
  const words = (item ? item[1] : line).trim();
  if (words === "") return;
  const spans = pattern ? splitLinks(words, pattern) : [{ text: words, href: null }];
  const last = blocks.at(-1);
  if (item) {
    if (last?.kind === "list") last.items.push(spans);
    else blocks.push({ kind: "list", items: [spans] });
  } else if (last?.kind === "paragraph") {
    last.lines.push(spans);
  } else {
    blocks.push({ kind: "paragraph", lines: [spans] });
  }
}

/** @param {readonly string[]} numbers */
function linkPattern(numbers) {
  const short = numbers.filter((number) => /^[\d-]+$/.test(number)).join("|");
  return new RegExp(`${ADDRESS}|(?<![\\d-]|\\d[.,])(?:${PHONE}${short && `|(?:${short})`})(?![\\d-]|[.,]\\d)`, "g");
}

/**
 * @param {string} words
 * @param {RegExp} pattern
 * @returns {Span[]}
 */
function splitLinks(words, pattern) {
  /** @type {Span[]} */
  const spans = [];
  let end = 0;
  for (const match of words.matchAll(pattern)) {
    if (match.index > end) spans.push({ text: words.slice(end, match.index), href: null });
    const [text] = match;
    spans.push({ text, href: text.startsWith("https:") ? text : telephone(text) });
    end = match.index + text.length;
  }
  if (end < words.length) spans.push({ text: words.slice(end), href: null });
  return spans;
}

/**
 * @param {string} number as written for people.
 * @returns {string} as an address that a phone dials.
 */
export function telephone(number) {
  return `tel:${number.replaceAll(/[^\d+]/g, "")}`;
}

/**
 * @param {readonly Block[]} blocks
 * @returns {HTMLElement[]} paragraphs and lists, with words as text nodes only.
 */
export function drawText(blocks) {
  return blocks.map((block) => (block.kind === "list"
    ? h("ul", {}, ...block.items.map((spans) => h("li", {}, ...spans.map(drawSpan))))
    : h("p", {}, ...block.lines.flatMap((spans, index) => [index > 0 && h("br"), ...spans.map(drawSpan)]))));
}

/** @param {Span} span */
function drawSpan({ text, href }) {
  if (href === null) return text;
  const isCall = href.startsWith("tel:");
  return h("a", { href, rel: isCall ? null : "noopener noreferrer", target: isCall ? null : "_blank" }, text);
}

/**
 * Finds the numbers to call in a safety text, in the order in which it names them.
 *
 * @param {string} text
 * @param {readonly string[]} numbers
 * @returns {string[]} each once.
 */
export function callableNumbers(text, numbers) {
  return [...new Set([...text.matchAll(linkPattern(numbers))].map(([match]) => match))]
    .filter((match) => !match.startsWith("https:"));
}

/**
 * Writes a date as exactly as it is known.
 *
 * @param {string} value `2023`, `2023-04`, `2023-04-27` or a full time.
 * @param {string} language
 * @returns {string} for example "2023", "April 2023", "April 27, 2023"; the value itself if it is no date.
 */
export function formatDate(value, language) {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(value);
  if (!parts) return value;
  const [, year, month, day] = parts;
  if (!month) return year;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1)));
  return date.toLocaleDateString(language, {
    timeZone: "UTC", year: "numeric", month: "long", ...(day ? { day: "numeric" } : {}),
  });
}

/**
 * @param {string} value a time in ISO 8601.
 * @param {string} language
 * @returns {string} the visitor's own clock, for example "3:05 AM".
 */
export function formatTime(value, language) {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return "";
  return date.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
}

/**
 * @param {string | number} value a time.
 * @param {string} language
 * @returns {string} the visitor's own day, for example "May 1, 2023".
 */
export function formatDay(value, language) {
  return new Date(value).toLocaleDateString(language, { dateStyle: "long" });
}

/**
 * @param {string} value a time in ISO 8601.
 * @param {string} language
 * @param {Date} [now]
 * @returns {string} for example "today at 9:00 AM", "on Monday at 9:00 AM"; empty if it is no time.
 */
export function formatOpening(value, language, now = new Date()) {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return "";
  const days = Math.round((midnight(date) - midnight(now)) / 86_400_000);
  const time = formatTime(value, language);
  if (days < 2 && days >= 0) {
    const day = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
    return `${day} at ${time}`;
  }
  /** @type {Intl.DateTimeFormatOptions} */
  const form = days > 0 && days < 7 ? { weekday: "long" } : { weekday: "long", month: "long", day: "numeric" };
  return `on ${date.toLocaleDateString(language, form)} at ${time}`;
}

/** @param {Date} date */
function midnight(date) {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/**
 * @param {Service} service
 * @returns {string[]} short numbers that may be called.
 */
export function knownNumbers({ emergency_number: emergency, crisis_line: crisis }) {
  return [emergency, crisis].filter((number) => number !== null);
}
