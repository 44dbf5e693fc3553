import { newClientId } from "../session/outbox.js";
import { strings } from "../strings.js";
import { DeskError } from "../transport/desk-error.js";
import { button, h, setAttribute, setText } from "./dom.js";
import { sheetTitle } from "./sheets.js";
import { formatOpening } from "./text.js";

/** @import {CallbackField, CallbackHandlers, CallbackRequest, ChatState} from "../types.js" */
/** @import {Store} from "../session/store.js" */

/** Kept for this tab alone: a name and a number must not stay behind on a shared computer. */
const DRAFT = "callback";
const LONGEST_TOPIC = 1000;

/** Asks how an information specialist can reach the family; nothing typed here is ever lost. */
export class CallbackForm {
  #store;
  #handlers;
  #clientId = newClientId();
  #tried = "";
  /** @type {Map<CallbackField, {input: HTMLInputElement | HTMLTextAreaElement, error: HTMLElement}>} */
  #fields = new Map();
  #problem = h("p", { class: "problem", role: "alert" });
  #submit;
  node;

  /**
   * @param {Store} store of this tab.
   * @param {ChatState} state
   * @param {CallbackHandlers} handlers
   */
  constructor(store, state, handlers) {
    this.#store = store;
    this.#handlers = handlers;
    const { callback, consent } = strings;
    const isNobody = state.status.state === "bot" && (state.service.is_staffed !== true || state.service.is_open === false);
    const opening = state.service.opens_at ? formatOpening(state.service.opens_at, handlers.language) : "";
    this.#submit = h("button", { type: "submit", class: "solid" }, state.hasConsent ? callback.submit : consent.agreeAndSubmit);
    this.node = h(
      "form", { class: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => void this.#send(event), oninput: () => this.#keep() },
      sheetTitle(handlers.isQuestion ? callback.question : callback.title),
      isNobody && h("p", {}, [callback.nobody, opening && callback.opens(opening)].filter(Boolean).join(" ")),
      h("p", {}, callback.lead),
      this.#field("name", "text", { autocomplete: "name", maxlength: "120", required: true }),
      h(
        "fieldset", {}, h("legend", {}, callback.eitherOne),
        this.#field("phone", "tel", { autocomplete: "tel", maxlength: "40" }),
        this.#field("email", "email", { autocomplete: "email", maxlength: "254" }),
      ),
      this.#field("preferred_time", "text", { placeholder: callback.preferredHint, maxlength: "200" }),
      this.#field("topic", "textarea", { rows: "3", maxlength: LONGEST_TOPIC }),
      !state.hasConsent && h("p", { class: "small" }, `${state.service.consent.text} ${consent.byAgreeing}`),
      this.#problem,
      this.#submit,
    );
    this.#restore();
  }

  /**
   * @param {CallbackField} name
   * @param {string} type
   * @param {Record<string, unknown>} attributes
   */
  #field(name, type, attributes) {
    const own = { ...attributes, id: `callback-${name}`, name, "aria-describedby": `callback-${name}-error` };
    const input = type === "textarea" ? h("textarea", own) : h("input", { ...own, type });
    const error = h("p", { class: "field-error", id: `callback-${name}-error` });
    this.#fields.set(name, { input, error });
    return h("div", { class: "field" }, h("label", { for: own.id }, strings.callback[name]), input, error);
  }

  #restore() {
    const kept = this.#store.get(DRAFT) ?? {};
    for (const [name, { input }] of this.#fields) input.value = kept[name] ?? "";
    const topic = this.#fields.get("topic");
    if (topic && !topic.input.value) topic.input.value = this.#handlers.topic.slice(-LONGEST_TOPIC);
  }

  #keep() {
    this.#store.set(DRAFT, this.#values());
  }

  /** @returns {CallbackRequest} */
  #values() {
    const entries = [...this.#fields].map(([name, { input }]) => [name, input.value.trim()]);
    return Object.fromEntries(entries);
  }

  /** @param {Event} event */
  async #send(event) {
    event.preventDefault();
    const values = this.#values();
    const mistakes = missing(values);
    this.#showErrors(mistakes);
    if (mistakes.length > 0) return;
    // The same words again are the same request; changed words are another one.
    const words = JSON.stringify(values);
    if (this.#tried && this.#tried !== words) this.#clientId = newClientId();
    this.#tried = words;
    this.#submit.disabled = true;
    setText(this.#problem, strings.callback.sending);
    try {
      this.#saved(await this.#handlers.onSubmit(values, this.#clientId));
    } catch (error) {
      const fields = error instanceof DeskError ? error.fields : [];
      this.#showErrors(fields);
      if (!fields.some(({ field }) => this.#fields.has(/** @type {CallbackField} */ (field)))) {
        setText(this.#problem, fields[0]?.message ?? strings.callback.failed);
      }
    } finally {
      this.#submit.disabled = false;
    }
  }

  /** @param {readonly {field: string, message: string}[]} mistakes */
  #showErrors(mistakes) {
    let first = null;
    for (const [name, { input, error }] of this.#fields) {
      const mistake = mistakes.find(({ field }) => field === name);
      setText(error, mistake?.message ?? "");
      setAttribute(input, "aria-invalid", mistake ? "true" : null);
      if (mistake) first ??= input;
    }
    setText(this.#problem, first ? strings.callback.check : "");
    first?.focus();
  }

  /** @param {string} reference */
  #saved(reference) {
    this.#store.remove(DRAFT);
    const { callback, panel } = strings;
    const title = sheetTitle(callback.savedTitle);
    this.node.replaceChildren(
      title,
      h("p", {}, callback.saved),
      h("p", { class: "reference" }, reference),
      button("solid", () => this.#handlers.onDone(), panel.back),
    );
    title.focus();
  }
}

/**
 * @param {CallbackRequest} values
 * @returns {{field: CallbackField, message: string}[]} what the desk would refuse anyway.
 */
function missing({ name, phone, email }) {
  const { callback } = strings;
  /** @type {{field: CallbackField, message: string}[]} */
  const mistakes = [];
  if (!name) mistakes.push({ field: "name", message: callback.missingName });
  if (!phone && !email) mistakes.push({ field: "phone", message: callback.missingContact });
  return mistakes;
}
