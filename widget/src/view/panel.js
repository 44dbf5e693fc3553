import { strings } from "../strings.js";
import { DeskError } from "../transport/desk-error.js";
import { Closing, Header, QueueBar, RateBar, welcome } from "./bars.js";
import { CallbackForm } from "./callback-form.js";
import { Composer } from "./composer.js";
import { button, h, setText } from "./dom.js";
import { Menu } from "./menu.js";
import { safetyBody } from "./message.js";
import { MessageList } from "./message-list.js";
import { Announcer, News } from "./news.js";
import { confirmSheet, Sheet } from "./sheets.js";
import { knownNumbers } from "./text.js";

/** @import {Chat} from "../session/chat.js" */
/** @import {Store} from "../session/store.js" */
/** @import {ChatState, Choice, MenuItem} from "../types.js" */

/**
 * The open chat: puts the parts together and turns what the visitor does into calls of the chat.
 */
export class Panel {
  #chat;
  #tabStore;
  #language;
  #announcer = new Announcer();
  #news = new News((text, how) => this.#announcer.say(text, how));
  #alarm = h("div", { class: "alarm-place", hidden: true });
  #notice = h("p", { class: "notice", role: "status", hidden: true });
  #demonstration = h("p", { class: "small" }, strings.welcome.demonstration);
  #welcome = welcome((question) => this.#suggest(question), this.#demonstration);
  #menu = new Menu((item) => this.#pick(item));
  #header;
  #list;
  #queue;
  #rate;
  #composer;
  #closing;
  #sheet;
  #isReady = false;
  #hasFailed = false;
  #reload = button("quiet reload", () => location.reload(), strings.panel.reload);
  node;

  /**
   * @param {object} parts
   * @param {Chat} parts.chat
   * @param {Store} parts.tabStore for what this tab alone may remember.
   * @param {string} parts.language
   * @param {() => void} parts.onMinimise
   */
  constructor({ chat, tabStore, language, onMinimise }) {
    this.#chat = chat;
    this.#tabStore = tabStore;
    this.#language = language;
    this.#header = new Header(language, this.#menu.node, onMinimise);
    this.#list = new MessageList(this.#welcome, {
      language,
      onChoose: (choice) => this.#choose(choice),
      onRate: (id, helpful, comment) => chat.rate(id, helpful, comment),
      onPerson: () => this.#askForPerson(),
      onRetry: () => chat.sendNow(),
      onEdit: (id) => this.#giveBack(chat.takeBack(id)),
      onDiscard: (id) => {
        chat.takeBack(id);
        this.focus();
      },
      onDanger: () => this.#sheet.close(),
    });
    this.#queue = new QueueBar((choice) => this.#choose(choice));
    this.#rate = new RateBar({ onRate: () => this.#openSurvey(), onSkip: () => this.#skipSurvey() });
    this.#composer = new Composer({
      onSend: (text) => this.#send(text),
      onTooLong: (text) => this.#haveRead(text),
      onPerson: () => this.#askForPerson(),
      onDraft: (draft) => {
        chat.draft = draft;
      },
      onTyping: () => chat.noteTyping(),
    });
    this.#closing = new Closing({
      onAfresh: () => this.#afresh(),
      onSurvey: () => this.#openSurvey(),
      onCallback: () => this.#openCallback(),
    });
    const foot = h("div", { class: "foot" }, this.#notice, this.#reload, this.#queue.node, this.#rate.node, this.#composer.node, this.#closing.node);
    this.#sheet = new Sheet([this.#list.node, foot], () => {
      this.#list.showEnd();
      this.focus();
    });
    this.node = h(
      "dialog", { class: "panel", "aria-labelledby": "title" },
      h("div", { class: "frame" }, this.#header.node, this.#alarm, this.#list.node, foot, this.#sheet.node),
      this.#announcer.node,
    );
    // Also while the panel is away.
    chat.subscribe(() => chat.takeCleared() && this.#empty());
  }

  /** Draws the present state; called at every change while the panel is in view. */
  update() {
    const { state } = this.#chat;
    if (!this.#isReady) this.#composer.text = this.#chat.draft;
    const restored = this.#chat.takeRestored();
    if (restored) this.#restore(restored);
    this.#demonstration.hidden = state.service.organisation?.is_demonstration !== true;
    this.#welcome.hidden = state.hasConversation || state.outbox.length > 0;
    this.#header.update(state);
    this.#menu.update(state);
    this.#list.update(state);
    this.#queue.update(state);
    this.#rate.update(state);
    this.#composer.update(state);
    this.#closing.update(state);
    this.#showNotice(state.notice && strings.notice[state.notice]);
    this.#showAlarm(state);
    this.#news.update(state);
    this.#isReady = true;
    if (state.offersCallback) this.#offerCallback();
  }

  /** Puts the keyboard where writing goes on, or where the chat begins if there is nothing to write. */
  focus() {
    const isWriting = this.#chat.state.status.state !== "closed" && !matchMedia("(pointer: coarse)").matches;
    if (isWriting) this.#composer.focus();
    else /** @type {HTMLElement | null} */ (this.node.querySelector("#title"))?.focus();
  }

  showEnd() {
    this.#list.showEnd();
  }

  /**
   * Takes one step back, as Escape asks for.
   *
   * @returns {boolean} whether there was one to take inside the panel.
   */
  stepBack() {
    if (this.#menu.isOpen) this.#menu.close();
    else if (this.#sheet.isOpen) this.#sheet.close();
    else return false;
    return true;
  }

  /** @param {string} text */
  #send(text) {
    if (!this.#chat.state.hasConsent) this.#chat.giveConsent();
    this.#chat.send(text);
  }

  /** @param {string} text */
  #haveRead(text) {
    if (!this.#chat.state.hasConsent) this.#chat.giveConsent();
    void this.#chat.haveRead(text);
  }

  #askForPerson() {
    if (!this.#chat.state.hasConsent) this.#chat.giveConsent();
    this.#chat.requestHandoff();
  }

  /** @param {Choice} choice */
  #choose(choice) {
    if (choice.id === "callback") this.#openCallback();
    else this.#chat.choose(choice);
  }

  /** @param {string} question */
  #suggest(question) {
    this.#composer.text = question;
    this.#composer.focus();
  }

  /** @param {string} text words that were said and could not be sent. */
  #giveBack(text) {
    this.#composer.text = [text, this.#composer.text].filter((part) => part.trim()).join("\n\n");
    this.#composer.focus();
  }

  /** @param {string} draft which may hold what is in the box. */
  #restore(draft) {
    const own = this.#composer.text.trim();
    this.#composer.text = draft.includes(own) ? draft : `${draft}\n\n${own}`;
  }

  #afresh() {
    this.#chat.startAfresh();
    this.#composer.node.hidden = false;
    this.focus();
  }

  /** Opens the form by itself only where that is in nobody's way; its button stays in the list. */
  #offerCallback() {
    this.#chat.callbackHandled();
    if (!this.#sheet.isOpen && !this.#composer.isInUse) this.#openCallback();
  }

  #openCallback() {
    this.#chat.callbackHandled();
    const isQuestion = this.#chat.state.status.state === "queued";
    const inBox = this.#composer.text.trim();
    const form = new CallbackForm(this.#tabStore, this.#chat.state, {
      language: this.#language,
      topic: [isQuestion && this.#chat.typed, inBox].filter(Boolean).join("\n\n"),
      isQuestion,
      onSubmit: async (values, clientId) => {
        if (!this.#chat.state.hasConsent) this.#chat.giveConsent();
        const saved = await this.#chat.requestCallback(values, clientId, isQuestion);
        // What went with the request need not be sent or rubbed out.
        if (values.topic.includes(inBox) && this.#composer.text.trim() === inBox) this.#composer.text = "";
        return saved;
      },
      onDone: () => this.#sheet.close(),
    });
    this.#sheet.open(form.node);
  }

  #openSurvey() {
    void this.#later(async () => (await import("./survey-form.js")).surveyForm(this.#chat.state.toRate, {
      onSubmit: (ratings) => this.#chat.rateChat(ratings),
      onSkip: () => {
        this.#skipSurvey();
        this.#sheet.close();
      },
      onDone: () => this.#sheet.close(),
    }));
  }

  #skipSurvey() {
    this.#chat.ratingAsked();
    this.focus();
  }

  #openKeep() {
    const chat = this.#chat;
    void this.#later(async () => (await import("./keep-sheet.js")).keepSheet({
      canMail: chat.state.service.has_mail,
      onFile: (format) => chat.transcript(format),
      onMail: (email, clientId) => chat.mailTranscript(email, clientId),
    }));
  }

  #openDevice() {
    void this.#later(async () => (await import("./device-sheets.js")).linkSheet(this.#language, this.#chat));
  }

  /**
   * Asks whether the chat of another device goes on here.
   *
   * @param {string} link the secret of its link.
   * @param {() => void} onSpent the link is of no more use.
   */
  resume(link, onSpent) {
    void this.#later(async () => (await import("./device-sheets.js")).resumeSheet(this.#chat.state.hasConversation, {
      onUse: async () => {
        try {
          await this.#chat.resumeHere(link);
          onSpent();
        } catch (error) {
          if (error instanceof DeskError && !error.isTemporary) onSpent();
          throw error;
        }
      },
      onAfresh: () => {
        this.#sheet.close();
        if (this.#chat.state.status.state === "closed") this.#afresh();
      },
      onDone: () => this.#sheet.close(),
    }));
  }

  /**
   * Opens a sheet that few need; its module comes when it is asked for.
   *
   * @param {() => Promise<HTMLElement>} make
   */
  async #later(make) {
    try {
      this.#sheet.open(await make());
      this.#hasFailed = false;
    } catch {
      this.#failed();
    }
  }

  /** Some browsers remember for the life of a page that a module could not be loaded. */
  #failed() {
    this.#hasFailed = true;
    this.#sheet.close();
    this.update();
    this.#reload.focus();
  }

  /** @param {MenuItem} item */
  #pick(item) {
    const chat = this.#chat;
    if (item === "callback") this.#openCallback();
    else if (item === "device") this.#openDevice();
    else if (item === "keep") this.#openKeep();
    else if (item === "print") void this.#print();
    else if (item === "end") this.#confirm("end", () => chat.end());
    else if (item === "erase") this.#confirm("erase", () => chat.erase());
    else this.#confirm("forget", () => chat.forget());
  }

  /**
   * @param {"end" | "erase" | "forget"} what
   * @param {() => Promise<void> | void} onGo
   */
  #confirm(what, onGo) {
    const forgetsAll = what !== "end";
    const go = async () => {
      await onGo();
      if (forgetsAll) this.#empty();
    };
    this.#sheet.open(confirmSheet(strings.confirm[what], go, () => this.#sheet.close()));
  }

  /** Leaves nothing of what was typed, for a computer that others use. */
  #empty() {
    this.#composer.text = "";
    this.#tabStore.clear();
    this.#sheet.close();
  }

  async #print() {
    // At once: later on a browser takes it for a page that nobody asked for.
    const page = window.open("", "_blank");
    try {
      const { printChat } = await import("./print.js");
      printChat(/** @type {Window} */ (page), this.#chat.state, this.#language);
    } catch {
      page?.close();
      if (page) this.#failed();
      else this.#showNotice(strings.menu.printFailed);
    }
  }

  /** @param {ChatState} state */
  #showAlarm({ alarm, service }) {
    if (this.#alarm.dataset.text === alarm?.text) return;
    if (alarm) this.#alarm.dataset.text = alarm.text;
    else delete this.#alarm.dataset.text;
    this.#alarm.hidden = alarm === null;
    this.#alarm.replaceChildren(...(alarm ? [h(
      "div", { class: "message is-safety" },
      h(
        "div", { class: "bubble" }, ...safetyBody(alarm, knownNumbers(service)),
        button("quiet", () => this.#alarmSeen(), strings.message.understood),
      ),
    )] : []));
  }

  #alarmSeen() {
    this.#chat.alarmSeen();
    this.focus();
  }

  /** @param {string | null} text */
  #showNotice(text) {
    const shown = [text, this.#hasFailed && strings.panel.failed].filter(Boolean).join(" ");
    this.#notice.hidden = shown === "";
    this.#reload.hidden = !this.#hasFailed;
    setText(this.#notice, shown);
  }
}
