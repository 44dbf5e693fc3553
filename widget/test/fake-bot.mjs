/**
 * What the fake desk's bot can say: a handful of turns, one for each kind of message.
 *
 * The words are for looking at and for tests; the real answers live with the bot.
 *
 * @typedef {{kind: string, text: string, sender?: string, safety?: string, answer?: object,
 *   choices?: {id: string, title: string}[]}} Draft
 */

const SOURCES = {
  nejm: {
    id: "nejm-2023",
    title: "Blinatumomab Added to Chemotherapy in Infant Lymphoblastic Leukemia",
    publisher: "New England Journal of Medicine",
    url: "https://www.nejm.org/doi/full/10.1056/NEJMoa2214171",
    published_on: "2023-04",
  },
  release: {
    id: "lls-pr-2023",
    title: "Immunotherapy Greatly Improves Survival for Infants with an Aggressive Form of Leukemia",
    publisher: "The Leukemia & Lymphoma Society, now Blood Cancer United",
    url: null,
    published_on: "2023-05-01",
  },
};

/**
 * @param {string} id
 * @param {string} title
 * @param {object} [more]
 */
function answerDetails(id, title, more = {}) {
  return {
    entry_id: id, version: "1-0a1b2c3d", title, kind: "medical", review_status: "pending",
    reviewed_on: null, sources: [SOURCES.nejm, SOURCES.release], ...more,
  };
}

/** @type {Record<string, Draft>} */
export const ENTRIES = {
  study: {
    kind: "answer",
    text: "In the study, about 8 in 10 babies (82%) were alive with no sign that the leukemia had come back, two years on. In babies treated earlier without blinatumomab it was about half (49%).\n\nThe study was small:\n- 30 babies in nine countries took part\n- all had the KMT2A gene change\n- each got one course of blinatumomab, added to chemotherapy after the first phase\n\nThese numbers are about groups of babies. Your own care team knows your baby best.",
    answer: answerDetails("study-result-82", "What the study found"),
  },
  short: {
    kind: "answer",
    text: "Most side effects were ones that doctors know from older patients, such as fever and infection.",
    answer: answerDetails("blina-side-effects", "Side effects of blinatumomab"),
  },
  long: {
    kind: "answer",
    text: "Late effects are health problems that can show up months or years after treatment.",
    answer: answerDetails("late-effects", "Effects that come later", {
      review_status: "reviewed", reviewed_on: "2026-11-02",
    }),
  },
  hours: {
    kind: "answer",
    text: "The information specialists are here Monday to Friday. Choose “Talk to a person” at any time.",
    answer: answerDetails("service-hours", "When specialists are here", { kind: "service", sources: [] }),
  },
};

/** @type {Record<"emergency" | "crisis", Draft>} */
export const SAFETY = {
  emergency: {
    kind: "safety", sender: "system", safety: "emergency",
    text: "Call 911 now.\n\nSay that your baby has leukemia and is having trouble breathing. Stay on the line.\n\nThen call your care team's urgent number. This chat cannot send help.",
  },
  crisis: {
    kind: "safety", sender: "system", safety: "crisis",
    text: "Call or text 988 now, at any hour. If you or someone else is in danger right now, call 911.\n\nYou can also call the maternal line, 1-833-852-6262.",
  },
};

/**
 * @param {string} text
 * @returns {"emergency" | "crisis" | null}
 */
export function dangerIn(text) {
  if (/breath|blue/i.test(text)) return "emergency";
  return /end my life|kill myself/i.test(text) ? "crisis" : null;
}

/**
 * @param {string} text
 * @returns {Draft[] | "handoff"}
 */
export function botTurn(text) {
  if (/person|human|specialist/i.test(text)) return "handoff";
  if (/study|82/i.test(text)) return [ENTRIES.study];
  if (/hours|open/i.test(text)) return [ENTRIES.hours];
  if (/side effect/i.test(text)) {
    return [{
      kind: "clarify", text: "I can answer that in two ways. Which one do you mean?",
      choices: [
        { id: "c-short", title: "Side effects of blinatumomab" },
        { id: "c-long", title: "Effects that come later" },
      ],
    }];
  }
  if (/should we|is my son/i.test(text)) {
    return [{
      kind: "refusal",
      text: "That is a decision for you and your care team, who know your baby. I must not make it.\n\nAn information specialist can help you to prepare your questions for them.",
      choices: [{ id: "handoff", title: "Talk to a person" }],
    }];
  }
  if (/hello|thank/i.test(text)) return [{ kind: "smalltalk", text: "I am glad that you are here. Ask me anything." }];
  return [{
    kind: "fallback", text: "I am not sure that I understood you, and I do not want to guess. Could you say it in other words?",
    choices: [{ id: "handoff", title: "Talk to a person" }],
  }];
}

/** @type {Record<string, Draft>} */
export const CHOSEN = { "c-short": ENTRIES.short, "c-long": ENTRIES.long };
