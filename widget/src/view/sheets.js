import { strings } from "../strings.js";
import { button, h, icon, setText } from "./dom.js";

/** @import {ChatState, Rating, SurveyHandlers} from "../types.js" */

/**
 * A page laid over the conversation inside the panel: a form, or a question to confirm. It takes
 * the focus because the visitor asked for it, and gives it back when it closes.
 */
export class Sheet {
  #covered;
  #returnTo;
  #content = h("div", { class: "content" });
  node = h("section", { class: "sheet", hidden: true });
  /** @type {(() => void) | null} */
  #onClose = null;

  /**
   * @param {readonly HTMLElement[]} covered what is out of reach meanwhile.
   * @param {() => void} returnTo puts the focus back.
   */
  constructor(covered, returnTo) {
    this.#covered = covered;
    this.#returnTo = returnTo;
    this.node.append(
      button("back", () => this.close(), icon("down"), strings.panel.back),
      this.#content,
    );
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /**
   * @param {HTMLElement} content begins with a heading that can take the focus.
   * @param {() => void} [onClose]
   */
  open(content, onClose) {
    this.#onClose?.();
    this.#onClose = onClose ?? null;
    this.#content.replaceChildren(content);
    this.node.hidden = false;
    for (const element of this.#covered) element.hidden = true;
    const heading = content.querySelector("h3");
    if (heading) this.node.setAttribute("aria-label", heading.textContent ?? "");
    this.node.scrollTop = 0;
    heading?.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.node.hidden = true;
    for (const element of this.#covered) element.hidden = false;
    this.#content.replaceChildren();
    this.#onClose?.();
    this.#onClose = null;
    this.#returnTo();
  }
}

/**
 * @param {string} text
 * @returns {HTMLHeadingElement} a sheet's heading, where reading begins.
 */
export function sheetTitle(text) {
  return h("h3", { tabindex: "-1" }, text);
}

/**
 * Asks before something that cannot be taken back.
 *
 * @param {{title: string, text: string, go: string}} words
 * @param {() => Promise<void> | void} onGo may fail; the question then stays, saying so.
 * @param {() => void} onDone closes the question.
 * @returns {HTMLElement}
 */
export function confirmSheet({ title, text, go }, onGo, onDone) {
  const problem = h("p", { class: "problem", role: "alert" });
  const goButton = button("solid danger", () => void run(), go);
  const run = async () => {
    goButton.disabled = true;
    try {
      await onGo();
      onDone();
    } catch {
      goButton.disabled = false;
      setText(problem, strings.confirm.failed);
    }
  };
  return h(
    "div", { class: "confirm" },
    sheetTitle(title), h("p", {}, text), problem,
    h(
      "div", { class: "row" }, goButton,
      button("quiet", onDone, strings.confirm.cancel),
    ),
  );
}

/**
 * Asks how the chat went, bot and specialist apart, once it has ended.
 *
 * @param {ChatState} state tells who took part.
 * @param {SurveyHandlers} handlers
 * @returns {HTMLElement}
 */
export function surveyForm({ messages }, { onSubmit, onDone }) {
  const { survey } = strings;
  /** @type {Rating["about"][]} */
  const parties = /** @type {const} */ (["specialist", "bot"]).filter((party) => messages.some(({ sender }) => sender === party));
  const comment = h("textarea", { id: "survey-comment", rows: "3", maxlength: "1000" });
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "solid" }, survey.submit);
  const form = h(
    "form", { class: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => void send(event) },
    sheetTitle(survey.title),
    ...parties.map(scale),
    h("div", { class: "field" }, h("label", { for: "survey-comment" }, survey.comment), comment),
    problem,
    h("div", { class: "row" }, submit, button("quiet", onDone, survey.skip)),
  );

  /** @param {Event} event */
  async function send(event) {
    event.preventDefault();
    const given = new FormData(form);
    const ratings = parties
      .map((about) => ({ about, score: Number(given.get(about) ?? 0), comment: "" }))
      .filter(({ score }) => score > 0);
    if (ratings.length === 0) {
      setText(problem, survey.choose);
      form.querySelector("input")?.focus();
      return;
    }
    // One comment is given: it goes with the party that the form asks about first.
    ratings[0].comment = comment.value.trim();
    submit.disabled = true;
    try {
      await onSubmit(ratings);
      const thanks = sheetTitle(survey.thanks);
      form.replaceChildren(thanks, button("solid", onDone, strings.panel.back));
      thanks.focus();
    } catch {
      submit.disabled = false;
      setText(problem, survey.failed);
    }
  }
  return form;
}

/** @param {Rating["about"]} about */
function scale(about) {
  const { survey } = strings;
  return h(
    "fieldset", { class: "scale" },
    h("legend", {}, survey[about]),
    ...survey.scale.map((label, index) => h(
      "label", {},
      h("input", { type: "radio", name: about, value: String(index + 1) }),
      h("span", {}, label),
    )),
  );
}
