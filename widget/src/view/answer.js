import { strings } from "../strings.js";
import { button, h, icon, setAttribute, setText } from "./dom.js";
import { formatDate } from "./text.js";

/** @import {Answer, Choice, FeedbackHandlers, Service, Source} from "../types.js" */

/**
 * Says how far an answer has been checked. Only service answers, such as opening hours, go
 * without: an answer of unknown kind counts as medical.
 *
 * @param {Answer} answer
 * @param {Service["notices"]} notices
 * @param {string} language
 * @returns {HTMLElement | null}
 */
export function reviewNotice(answer, notices, language) {
  if (answer.kind === "service") return null;
  if (answer.review_status === "reviewed") {
    const text = answer.reviewed_on
      ? strings.review.doneOn(formatDate(answer.reviewed_on, language))
      : notices.review_done;
    return h("p", { class: "review is-done" }, icon("check"), h("span", {}, text));
  }
  const { label } = strings.review;
  const hasLabel = notices.review_pending.toLowerCase().includes(label.toLowerCase());
  return h(
    "p", { class: "review" }, icon("clock"),
    h("span", {}, !hasLabel && h("strong", {}, `${label}. `), notices.review_pending),
  );
}

/**
 * @param {readonly Source[]} sources
 * @param {string} language
 * @returns {HTMLElement | null} "Where this comes from", closed until asked for.
 */
export function sourceList(sources, language) {
  if (sources.length === 0) return null;
  return h(
    "details", { class: "sources" },
    h("summary", {}, strings.sources.title),
    h("ul", {}, ...sources.map((source) => sourceItem(source, language))),
  );
}

/**
 * @param {Source} source
 * @param {string} language
 */
function sourceItem({ title, publisher, url, published_on: date }, language) {
  const about = [publisher, date && formatDate(date, language)].filter(Boolean).join(", ");
  return h("li", {}, sourceTitle(title, url), about && h("span", { class: "about" }, about));
}

/**
 * @param {string} title
 * @param {string | null} url
 */
function sourceTitle(title, url) {
  // An address with another scheme could run something: it stays words.
  if (!url || !/^https?:\/\//.test(url)) return h("cite", {}, title);
  return h(
    "a", { href: url, target: "_blank", rel: "noopener noreferrer" },
    h("cite", {}, title),
    h("span", { class: "unseen" }, ` (${strings.sources.newTab})`),
  );
}

/**
 * A message's choices as buttons. The one that was taken stays as words, the others stay usable:
 * a parent may want to look at a second one.
 */
export class Choices {
  #choices;
  #onChoose;
  /** @type {string | null | undefined} */
  #chosen;
  node = h("div", { class: "choices", role: "group", "aria-label": strings.message.choices });

  /**
   * @param {readonly Choice[]} choices
   * @param {(choice: Choice) => void} onChoose
   */
  constructor(choices, onChoose) {
    this.#choices = choices;
    this.#onChoose = onChoose;
  }

  /** @param {string | null} chosen the id of the one taken, if any. */
  update(chosen) {
    if (chosen === this.#chosen) return;
    this.#chosen = chosen;
    const focused = /** @type {Document | ShadowRoot} */ (this.node.getRootNode()).activeElement;
    const hadFocus = focused !== null && this.node.contains(focused);
    this.node.replaceChildren(...this.#choices.map((choice) => this.#draw(choice)));
    // The button that had the focus has become words: keep the keyboard's place in the chat.
    if (hadFocus) /** @type {HTMLElement | null} */ (this.node.querySelector(".chosen"))?.focus();
  }

  /** @param {Choice} choice */
  #draw(choice) {
    if (choice.id === this.#chosen) {
      return h("p", { class: "chosen", tabindex: "-1" }, icon("check"), h("span", {}, `${strings.message.chose}: `), choice.title);
    }
    return button("choice", () => this.#onChoose(choice), choice.title);
  }
}

/** "Did this help?" under an answer, with room for a few words after a no. */
export class Feedback {
  #handlers;
  #buttons;
  #note = h("p", { class: "note", role: "status" });
  #more = h("div", { class: "more" });
  node;

  /** @param {FeedbackHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
    const { question, yes, no } = strings.feedback;
    this.#buttons = [true, false].map((helpful) => h("button", {
      type: "button", class: "quiet", "aria-pressed": "false", onclick: () => void this.#rate(helpful),
    }, helpful ? yes : no));
    this.node = h(
      "div", { class: "feedback", role: "group", "aria-label": question },
      h("span", { class: "question" }, question), ...this.#buttons, this.#note, this.#more,
    );
  }

  /** @param {boolean | undefined} rating what the visitor has said of it so far. */
  update(rating) {
    this.#buttons.forEach((button, index) => setAttribute(button, "aria-pressed", String(rating === (index === 0))));
  }

  /**
   * @param {boolean} helpful
   * @param {string} [comment]
   */
  async #rate(helpful, comment) {
    try {
      await this.#handlers.onRate(helpful, comment);
      setText(this.#note, helpful ? strings.feedback.thanks : strings.feedback.sorry);
      this.#more.replaceChildren(...(helpful || comment ? [] : this.#askMore()));
    } catch {
      setText(this.#note, strings.feedback.failed);
    }
  }

  #askMore() {
    const field = h("textarea", { rows: "2", maxlength: "1000" });
    const send = () => {
      if (field.value.trim()) void this.#rate(false, field.value.trim());
      else this.#more.replaceChildren();
    };
    return [
      h("label", {}, strings.feedback.comment, field),
      h(
        "div", { class: "row" },
        button("quiet", send, strings.feedback.send),
        button("quiet", () => this.#handlers.onPerson(), strings.person.ask),
      ),
    ];
  }
}
