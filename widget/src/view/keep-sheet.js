import { newClientId } from "../session/outbox.js";
import { sheetStrings } from "../strings-sheets.js";
import { button, h, setAttribute, setText } from "./dom.js";
import { sheetTitle } from "./sheets.js";

/** @import {DeskError} from "../transport/desk-error.js" */
/** @import {KeepHandlers} from "../types.js" */

const TYPES = { txt: "text/plain", html: "text/html" };

/**
 * A copy to keep: as a file that does not leave the browser, or by mail where the desk sends any.
 *
 * @param {KeepHandlers} handlers
 * @returns {HTMLElement}
 */
export function keepSheet({ canMail, onFile, onMail }) {
  const { keep } = sheetStrings;
  const said = h("p", { role: "status" });
  const mistake = h("p", { class: "field-error", id: "keep-email-error", role: "alert" });
  const address = h("input", {
    id: "keep-email", type: "email", autocomplete: "email", maxlength: "254", "aria-describedby": mistake.id, oninput: () => mark(""),
  });

  /**
   * @param {string} text
   * @param {boolean} [isProblem]
   */
  const say = (text, isProblem = false) => {
    said.classList.toggle("problem", isProblem);
    setText(said, text);
  };
  /** @param {string} text what is wrong with the address, if anything. */
  const mark = (text) => {
    setText(mistake, text);
    setAttribute(address, "aria-invalid", text ? "true" : null);
    if (text) address.focus();
  };
  const submit = h("button", { type: "submit", class: "solid" }, keep.send);

  /** @param {"txt" | "html"} format */
  const save = async (format) => {
    say("");
    try {
      saveFile(await onFile(format), format);
    } catch {
      say(keep.failed, true);
    }
  };

  let clientId = newClientId();
  /** @param {Event} event */
  const send = async (event) => {
    event.preventDefault();
    const to = address.value.trim();
    say("");
    mark(to.includes("@") ? "" : keep.check);
    if (!to.includes("@")) return;
    submit.disabled = true;
    say(keep.sending);
    try {
      await onMail(to, clientId);
      clientId = newClientId();
      address.value = "";
      say(keep.sent);
    } catch (error) {
      const { status, detail, fields } = /** @type {DeskError} */ (error);
      const refused = fields?.find(({ field }) => field === "email");
      say(refused ? "" : status === 429 ? detail : keep.failed, true);
      mark(refused?.message ?? "");
    } finally {
      submit.disabled = false;
    }
  };

  return h(
    "div", {},
    sheetTitle(keep.title),
    h("p", {}, keep.text),
    h("div", { class: "row field" }, button("quiet", () => void save("txt"), keep.txt), button("quiet", () => void save("html"), keep.html)),
    canMail && h(
      "form", { class: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => void send(event) },
      h("div", { class: "field" }, h("label", { for: "keep-email" }, keep.email), address, mistake),
      submit,
    ),
    said,
  );
}

/**
 * @param {string} text
 * @param {"txt" | "html"} format
 */
function saveFile(text, format) {
  const url = URL.createObjectURL(new Blob([text], { type: `${TYPES[format]};charset=utf-8` }));
  h("a", { href: url, download: `${sheetStrings.keep.fileName}.${format}` }).click();
  // Some browsers read the address only after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
