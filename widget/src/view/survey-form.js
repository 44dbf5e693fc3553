import { sheetStrings } from "../strings-sheets.js";
import { strings } from "../strings.js";
import { button, h, setText } from "./dom.js";
import { sheetTitle } from "./sheets.js";

/** @import {Rating, SurveyHandlers} from "../types.js" */

/**
 * Asks how a stretch of talk went, bot and specialist apart.
 *
 * @param {readonly Rating["about"][]} parties whom to ask about.
 * @param {SurveyHandlers} handlers
 * @returns {HTMLElement}
 */
export function surveyForm(parties, { onSubmit, onSkip, onDone }) {
  const { survey } = sheetStrings;
  const comment = h("textarea", { id: "survey-comment", rows: "3", maxlength: "1000" });
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "solid" }, survey.submit);
  const form = h(
    "form", { class: "form", novalidate: true, onsubmit: (/** @type {Event} */ event) => void send(event) },
    sheetTitle(survey.title),
    ...parties.map(scale),
    h("div", { class: "field" }, h("label", { for: "survey-comment" }, survey.comment), comment),
    problem,
    h("div", { class: "row" }, submit, button("quiet", onSkip, survey.skip)),
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
  const { survey } = sheetStrings;
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
