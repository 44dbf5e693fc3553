import { strings } from "../strings.js";
import { button, h, icon, setText } from "./dom.js";

/**
 * A page laid over the conversation inside the panel: a form, or a question to confirm. It takes
 * the focus because the visitor asked for it, and gives it back when it closes.
 */
export class Sheet {
  #covered;
  #returnTo;
  #content = h("div", { class: "content" });
  node = h("section", { class: "sheet", hidden: true });

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

  /** @param {HTMLElement} content begins with a heading that can take the focus. */
  open(content) {
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
