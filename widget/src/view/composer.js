import { strings } from "../strings.js";
import { button, h, icon, setAttribute, setText } from "./dom.js";
import { drawText, readText } from "./text.js";

/** @import {ChatState, ComposerHandlers} from "../types.js" */

/** The desk's limit, in characters after trimming. */
const LONGEST = 4000;
/** From here on the visitor sees how many are left. */
const COUNTED_FROM = 3500;

/**
 * Where the visitor writes: the consent line until it has been given, "Talk to a person", the box
 * and its button. What is typed survives everything but being sent.
 */
export class Composer {
  #handlers;
  #hasConsent = false;
  #wantsPerson = false;
  #consentText = h("div", { id: "consent" });
  #agreeAndAsk = h("button", { type: "button", class: "solid", hidden: true, onclick: () => this.#handlers.onPerson() }, strings.consent.agreeAndAsk);
  #consent = h("div", { class: "consent", role: "note" }, this.#consentText, this.#agreeAndAsk);
  #person = button("person", () => this.#askForPerson(), icon("person"), strings.person.ask);
  #count = h("p", { class: "count", id: "count", role: "status" });
  #field = h("textarea", {
    id: "message", rows: "1", "aria-describedby": "count consent", enterkeyhint: "send", autocomplete: "off",
    oninput: () => this.#changed(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
  });
  #sendLabel = h("span", {}, strings.composer.send);
  #send = h("button", { type: "submit", class: "send" }, this.#sendLabel, icon("send"));
  node = h(
    "form", { class: "composer", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
    this.#consent,
    this.#person,
    h("label", { for: "message", class: "unseen" }, strings.composer.label),
    h("div", { class: "write" }, this.#field, this.#send),
    this.#count,
  );

  /** @param {ComposerHandlers} handlers */
  constructor(handlers) {
    this.#handlers = handlers;
  }

  /** @returns {string} */
  get text() {
    return this.#field.value;
  }

  set text(text) {
    this.#field.value = text;
    this.#changed();
  }

  /** @returns {boolean} whether somebody writes, or is about to. */
  get isInUse() {
    return this.#field.value.trim() !== "" || this.#field.matches(":focus");
  }

  focus() {
    this.#field.focus();
  }

  /** @param {ChatState} state */
  update({ hasConsent, service, status, outbox }) {
    const hadFocus = this.#consent.matches(":focus-within") || this.#person.matches(":focus");
    this.#hasConsent = hasConsent;
    this.node.hidden = status.state === "closed";
    this.#consent.hidden = hasConsent;
    this.#drawConsent(service.consent.text);
    this.#agreeAndAsk.hidden = !this.#wantsPerson;
    setText(this.#sendLabel, hasConsent ? strings.composer.send : strings.consent.agreeAndSend);
    this.#sendLabel.className = hasConsent ? "unseen" : "";
    this.#send.className = hasConsent ? "send" : "send has-words";
    const isAsked = outbox.some((item) => item.kind === "handoff");
    this.#person.hidden = status.state === "queued" || status.state === "with_specialist";
    this.#person.replaceChildren(icon("person"), isAsked ? strings.person.asking : strings.person.ask);
    const name = status.state === "with_specialist" ? status.specialist?.name : null;
    if (hadFocus && (this.#consent.hidden || this.#person.hidden)) this.#nextFocus.focus();
    this.#field.placeholder = name ? strings.composer.toSpecialist(name) : strings.composer.placeholder;
  }

  /** Where the focus goes when the button that had it has done its work. */
  get #nextFocus() {
    return this.#person.hidden ? this.#field : this.#person;
  }

  /** @param {string} text */
  #drawConsent(text) {
    if (this.#consentText.dataset.text === text) return;
    this.#consentText.dataset.text = text;
    this.#consentText.replaceChildren(...drawText(readText(text)));
  }

  /** Before consent the wish waits beside the words to agree to, in one step more. */
  #askForPerson() {
    if (this.#hasConsent) {
      this.#handlers.onPerson();
      return;
    }
    this.#wantsPerson = true;
    this.#agreeAndAsk.hidden = false;
    this.#agreeAndAsk.focus();
  }

  #changed() {
    this.#handlers.onDraft(this.#field.value);
    if (this.#field.value.trim()) this.#handlers.onTyping();
    const left = LONGEST - lengthOf(this.#field.value.trim());
    const isOver = left < 0;
    setText(this.#count, isOver ? strings.composer.over(-left) : left <= LONGEST - COUNTED_FROM ? strings.composer.left(left) : "");
    setAttribute(this.#count, "class", isOver ? "count is-over" : "count");
    setAttribute(this.#field, "aria-invalid", isOver ? "true" : null);
    this.#field.rows = Math.min(6, Math.max(1, this.#field.value.split("\n").length, Math.ceil(this.#field.value.length / 38)));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // On a phone's keyboard Enter makes a new line, as people expect there.
    const isTouch = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch) return;
    event.preventDefault();
    this.#submit(event);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (lengthOf(text) > LONGEST) {
      this.#handlers.onTooLong(text);
    } else if (text !== "") {
      this.#handlers.onSend(text);
      this.text = "";
    }
    this.#field.focus();
  }
}

/**
 * @param {string} text
 * @returns {number} its characters as the desk counts them: an emoji outside the first plane is one.
 */
function lengthOf(text) {
  return [...text].length;
}
