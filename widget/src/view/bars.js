import { offersWaiting } from "../session/timeline.js";
import { strings } from "../strings.js";
import { button, h, icon, setAttribute, setText } from "./dom.js";
import { formatOpening, formatTime, knownNumbers, telephone } from "./text.js";

/** @import {ChatState, Choice, ClosingHandlers, RateHandlers} from "../types.js" */

/** Who is there to answer, and above all which number to call in an emergency. */
export class Header {
  #language;
  #presence = h("p", { class: "presence" });
  #number = h("a", {});
  #offline = h("p", { class: "offline", hidden: true }, strings.connection.offline);
  #closureText = h("span", {});
  #closure = h("p", { class: "closure", hidden: true }, h("strong", {}, `${strings.author.team}: `), this.#closureText);
  node;

  /**
   * @param {string} language
   * @param {HTMLElement} menu
   * @param {() => void} onMinimise
   */
  constructor(language, menu, onMinimise) {
    this.#language = language;
    this.node = h(
      "div", { class: "header" },
      h(
        "div", { class: "head" },
        h("span", { class: "mark" }, icon("heart")),
        h("div", { class: "title" }, h("h2", { id: "title", tabindex: "-1" }, strings.panel.title), this.#presence),
        menu,
        h("button", { type: "button", class: "head-button", "aria-label": strings.panel.minimise, onclick: onMinimise }, icon("down")),
      ),
      h("p", { class: "emergency" }, icon("phone"), h("span", {}, `${strings.emergency.lead} `, this.#number, ` ${strings.emergency.rest}`)),
      this.#closure,
      this.#offline,
    );
  }

  /** @param {ChatState} state */
  update(state) {
    const [number] = knownNumbers(state.service);
    setText(this.#number, number);
    setAttribute(this.#number, "href", telephone(number));
    setText(this.#presence, presence(state, this.#language));
    const { closure } = state.service;
    this.#closure.hidden = closure === null;
    setText(this.#closureText, closure ?? "");
    this.#offline.hidden = state.connection !== "offline";
  }
}

/**
 * @param {ChatState} state
 * @param {string} language
 * @returns {string} one line about who answers now.
 */
function presence({ status, service }, language) {
  const words = strings.presence;
  if (status.state === "closed") return words.closed;
  if (status.state === "queued") return words.queued;
  if (status.state === "with_specialist") return words.withSpecialist(status.specialist?.name ?? strings.author.specialist);
  if (service.is_staffed && service.is_open !== false) {
    return service.closes_at ? words.until(formatTime(service.closes_at, language)) : words.staffed;
  }
  const opening = service.is_open === false && service.opens_at ? formatOpening(service.opens_at, language) : "";
  return opening ? words.opens(opening) : words.bot;
}

/**
 * What a family sees before the first message: what they may ask, and a few questions to begin
 * with. A tap writes the question into the box, where it can still be changed.
 *
 * @param {(question: string) => void} onSuggest
 * @param {HTMLElement} demonstration a line that is hidden where the service is a real one.
 * @returns {HTMLElement}
 */
export function welcome(onSuggest, demonstration) {
  const words = strings.welcome;
  return h(
    "div", { class: "welcome" },
    h("h3", {}, words.title),
    h("p", {}, words.text),
    demonstration,
    h("p", { class: "small", id: "suggestions" }, words.suggestionsTitle),
    h(
      "div", { class: "choices", role: "group", "aria-labelledby": "suggestions" },
      ...words.suggestions.map((question) => button("choice", () => onSuggest(question), question)),
    ),
  );
}

/** Where the visitor stands in line, how long it may take, and what else can be done meanwhile. */
export class QueueBar {
  #onChoose;
  #drawn = "";
  #place = h("strong", {});
  #wait = h("span", {});
  #meanwhile = h("p", {});
  #buttons = h("div", { class: "row" });
  node = h(
    "section", { class: "queue", "aria-label": strings.presence.queued, hidden: true },
    h("p", { class: "place" }, icon("clock"), this.#place, this.#wait), this.#meanwhile, this.#buttons,
  );

  /** @param {(choice: Choice) => void} onChoose */
  constructor(onChoose) {
    this.#onChoose = onChoose;
  }

  /** @param {ChatState} state */
  update({ status, messages }) {
    this.node.hidden = status.state !== "queued";
    const { queue_position: place, wait_minutes: wait, asks_while_waiting: isAsking } = status;
    const choices = (messages.findLast(offersWaiting)?.choices ?? [])
      .filter(({ id }) => !(isAsking && id === "ask_while_waiting"));
    if (this.node.hidden) return;
    const { queue } = strings;
    setText(this.#place, place === null ? queue.joining : queue.position(place));
    setText(this.#wait, wait ? queue.wait(wait[0], wait[1]) : "");
    setText(this.#meanwhile, isAsking ? queue.asking : queue.stay);
    this.#offer(choices);
  }

  /** @param {readonly Choice[]} choices drawn anew only when they change: one of them may have the focus. */
  #offer(choices) {
    const signature = JSON.stringify(choices);
    if (signature === this.#drawn) return;
    this.#drawn = signature;
    const hadFocus = this.#buttons.matches(":focus-within");
    this.#buttons.replaceChildren(...choices.map((choice) => button("quiet", () => this.#onChoose(choice), choice.title)));
    if (hadFocus) this.#buttons.querySelector("button")?.focus();
  }
}

/** Asks, beside the chat that goes on, how the talk with a specialist was; once, and never in the way. */
export class RateBar {
  #title = h("strong", {});
  node;

  /** @param {RateHandlers} handlers */
  constructor({ onRate, onSkip }) {
    this.node = h(
      "section", { class: "queue", "aria-label": strings.closed.survey, hidden: true },
      h("p", {}, this.#title),
      h("div", { class: "row" }, button("quiet", onRate, strings.closed.survey), button("quiet", onSkip, strings.rate.skip)),
    );
  }

  /** @param {ChatState} state */
  update({ status, toRate, messages }) {
    this.node.hidden = status.state !== "bot" || toRate.length === 0;
    const name = messages.findLast(({ sender }) => sender === "specialist")?.author?.name;
    setText(this.#title, strings.rate.title(name ?? strings.author.specialist));
  }
}

/** What stands in the composer's place once a chat has ended: never a dead end. */
export class Closing {
  #survey;
  node;

  /** @param {ClosingHandlers} handlers */
  constructor({ onAfresh, onSurvey, onCallback }) {
    const { closed } = strings;
    this.#survey = button("quiet", onSurvey, closed.survey);
    this.node = h(
      "section", { class: "closing", hidden: true, "aria-label": closed.title },
      h("p", {}, h("strong", {}, closed.title)),
      h(
        "div", { class: "row" },
        button("solid", onAfresh, closed.afresh),
        this.#survey,
        button("quiet", onCallback, closed.callback),
      ),
      h("p", { class: "small" }, closed.tidy),
    );
  }

  /** @param {ChatState} state */
  update({ status, toRate }) {
    this.node.hidden = status.state !== "closed";
    this.#survey.hidden = toRate.length === 0;
  }
}
