import { FALLBACK_SERVICE } from "../transport/desk-client.js";
import { DeskError, readSafety } from "../transport/desk-error.js";
import { Conversation, NEW_STATUS } from "./conversation.js";
import { newClientId, Outbox, Sender } from "./outbox.js";

/** @import {Access, CallbackRequest, ChatNotice, ChatState, Message, OutboxItem, Rating, ResumeLink, SafetyFinding} from "../types.js" */
/** @import {DeskClient} from "../transport/desk-client.js" */
/** @import {Store} from "./store.js" */

/** Phones keep dead connections open: ask by number now and then, though all seems well. */
const CHECK_EVERY_MS = 30_000;
/** Records about one conversation, which go when it does; the draft and the consent stay. */
const CONVERSATION_RECORDS = ["conversation", "feedback", "rated", "seen"];
/** Why the chat is not here any more, for whichever tab is looked at next. */
const NOTICE = "notice";
/** Tells other tabs that the chat is being cleared here. */
const CLEARING = "clearing";
/**
 * @param {any} answer of the desk to whatever was said.
 * @returns {SafetyFinding | null}
 */
function dangerIn(answer) {
  const reply = [...(answer?.replies ?? []), ...(answer?.messages ?? [])].find(({ kind }) => kind === "safety");
  return readSafety(answer) ?? (reply ? { kind: reply.safety, text: reply.text } : null);
}

/** Whom a family rates, each on its own. */
const PARTIES = /** @type {const} */ (["specialist", "bot"]);

/**
 * Everything a visitor can do, and all that there is to draw: views read `state`, are told of each
 * change and call the methods; nothing here touches the page.
 */
export class Chat {
  #client;
  #store;
  #about;
  #outbox;
  #sender;
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #life = new AbortController();
  #service = FALLBACK_SERVICE;
  /** @type {ChatNotice | null} */
  #notice = null;
  #offersCallback = false;
  /** @type {SafetyFinding | null} */
  #alarm = null;
  #isOpen = false;
  #isTelling = false;
  #restored = "";
  #wasCleared = false;
  /** Rises when the chat is cleared or lost: what was begun before is void. */
  #epoch = 0;

  /**
   * @param {object} parts
   * @param {DeskClient} parts.client
   * @param {Store} parts.store
   * @param {string} parts.name shared by the tabs of one desk.
   * @param {string} parts.language
   * @param {string} parts.pageUrl
   */
  constructor({ client, store, name, language, pageUrl }) {
    this.#client = client;
    this.#store = store;
    this.#about = { language, pageUrl };
    this.#outbox = new Outbox(store);
    this.#sender = new Sender(this.#outbox, {
      deliver: (item) => this.#deliver(item),
      onRefused: (item, error) => this.#refused(item, error),
      onGone: (error) => {
        this.#gone();
        this.#noteDanger(error.safety);
      },
      onChange: () => this.#tell(),
    }, `support-chat:${name}:send`);
    store.onChangeElsewhere((key, isRemoved) => this.#changedElsewhere(key, isRemoved), this.#life.signal);
    this.#watchBrowser(this.#life);
  }

  /** @returns {ChatState} everything there is to draw, as of now. */
  get state() {
    const own = this.#conversation;
    return {
      service: this.#service,
      hasConsent: own !== null || this.#store.get("consent") === this.#service.consent.version,
      hasConversation: own !== null,
      isLoading: own?.isLoading ?? false,
      status: own?.status ?? NEW_STATUS,
      messages: own?.messages ?? [],
      seen: this.#store.get("seen") ?? 0,
      outbox: this.#outbox.list(),
      isAsking: this.#sender.sending !== null && this.#sender.sending.kind !== "handoff",
      typing: own?.typing ?? null,
      connection: own?.connection ?? "idle",
      feedback: this.#store.get("feedback") ?? {},
      toRate: this.#toRate(),
      offersCallback: this.#offersCallback,
      notice: this.#notice ?? this.#store.get(NOTICE),
      alarm: this.#alarm,
    };
  }

  /**
   * @param {() => void} listener called once after each batch of changes.
   * @returns {() => void} ends that.
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns {number} messages from others that nobody has seen yet. */
  get unread() {
    const { messages, seen } = this.state;
    return messages.filter(({ seq, sender }) => seq > seen && sender !== "visitor").length;
  }

  /** The panel is in view: from now on records may be kept. */
  open() {
    this.#isOpen = true;
    void this.#loadService();
    this.resume();
  }

  /** The panel is out of view: listen on only while somebody may still answer. */
  minimise() {
    this.#isOpen = false;
    this.#tell();
  }

  /** Takes up the chat of an earlier page, also without opening the panel. */
  resume() {
    this.#store.activate();
    this.#adopt();
    void this.#sender.pump();
    this.#tell();
  }

  giveConsent() {
    this.#store.set("consent", this.#service.consent.version);
    this.#tell();
  }

  /** @param {string} text what the visitor typed, not empty. */
  send(text) {
    this.#say({ kind: "text", text });
  }

  /**
   * Shows the desk a text that is too long to be sent: its refusal carries the safety text where
   * one is called for.
   *
   * @param {string} text
   */
  async haveRead(text) {
    try {
      await this.#attempt((access) => this.#client.send(access, { client_id: newClientId(), text }));
    } catch {
      // Refused as it had to be; the visitor has the words and sees that they are too many.
    }
  }

  /** @param {{id: string, title: string}} choice */
  choose(choice) {
    this.#say({ kind: "choice", text: choice.title, choice: choice.id });
  }

  /** Asks for a specialist; asking again while the first is on its way only hurries it. */
  requestHandoff() {
    if (this.#outbox.list().some((item) => item.kind === "handoff")) this.sendNow();
    else this.#say({ kind: "handoff", text: "" });
  }

  /** Sends what waits without waiting for the next attempt. */
  sendNow() {
    void this.#sender.pump();
    this.#conversation?.hurry();
  }

  /**
   * Takes an unsent message back.
   *
   * @param {string} clientId
   * @returns {string} its words.
   */
  takeBack(clientId) {
    const text = this.#outbox.get(clientId)?.text ?? "";
    this.#outbox.remove(clientId);
    this.#tell();
    return text;
  }

  /** @returns {string} the draft, where words that lost their conversation have come into it; once. */
  takeRestored() {
    const text = this.#restored;
    this.#restored = "";
    return text;
  }

  /** @returns {boolean} whether another tab has cleared the chat, so that nothing of it may stay here; once. */
  takeCleared() {
    const wasCleared = this.#wasCleared;
    this.#wasCleared = false;
    return wasCleared;
  }

  /** @returns {string} what was typed since a person was asked for, or last before, sent or not. */
  get typed() {
    const messages = this.#conversation?.messages ?? [];
    const titles = new Set(messages.flatMap(({ choices }) => choices.map(({ title }) => title)));
    const asked = messages.findLastIndex(({ kind }) => kind === "handoff");
    const isTyped = (/** @type {Message} */ { sender, text }) => sender === "visitor" && !titles.has(text);
    const since = messages.slice(asked + 1).filter(isTyped);
    const said = since.length > 0 ? since : messages.filter(isTyped).slice(-1);
    return [...said, ...this.#outbox.list()].map(({ text }) => text).filter(Boolean).join("\n\n");
  }

  /** @returns {string} what is typed and not sent. */
  get draft() {
    return this.#store.get("draft") ?? "";
  }

  set draft(text) {
    if (text) this.#store.set("draft", text);
    else this.#store.remove("draft");
  }

  noteTyping() {
    this.#conversation?.noteTyping();
  }

  alarmSeen() {
    this.#alarm = null;
    this.#tell();
  }

  /** The callback form is in view, or was put away. */
  callbackHandled() {
    this.#offersCallback = false;
  }

  /**
   * @param {CallbackRequest} values
   * @param {string} clientId the same for every attempt with the same values.
   * @param {boolean} isQuestion
   * @returns {Promise<string>} the reference.
   * @throws {DeskError} with `fields` where the visitor can mend it.
   */
  async requestCallback(values, clientId, isQuestion) {
    const given = Object.entries(values).filter(([, value]) => value !== "");
    const body = { client_id: clientId, ...(isQuestion && { kind: "question" }), ...Object.fromEntries(given) };
    const saved = await this.#attempt((access) => this.#client.post(access, "callback", body));
    this.#noteDanger(readSafety(saved));
    this.#conversation?.refresh();
    return saved.reference;
  }

  /**
   * @param {string} messageId
   * @param {boolean} helpful
   * @param {string} [comment]
   * @throws {DeskError}
   */
  async rate(messageId, helpful, comment) {
    const body = comment ? { helpful, comment } : { helpful };
    this.#noteDanger(readSafety(await this.#attempt((access) => this.#client.post(access, `messages/${messageId}/feedback`, body))));
    this.#store.set("feedback", { ...this.#store.get("feedback"), [messageId]: helpful });
    this.#tell();
  }

  /**
   * @param {Rating[]} ratings one for each party that took part.
   * @throws {DeskError}
   */
  async rateChat(ratings) {
    for (const rating of ratings) {
      const body = { ...rating, client_id: newClientId() };
      try {
        this.#noteDanger(readSafety(await this.#attempt((access) => this.#client.post(access, "survey", body))));
      } catch (error) {
        // Rated already, in another tab or on another device: there is nothing left to ask.
        if (!(error instanceof DeskError && error.status === 409)) throw error;
      }
    }
    this.ratingAsked();
  }

  /** Each stretch of talk is asked about once, whatever came of it. */
  ratingAsked() {
    const messages = this.#conversation?.messages ?? [];
    const asked = this.#toRate().map((party) => [party, lastOf(messages, party)]);
    this.#store.set("rated", { ...this.#store.get("rated"), ...Object.fromEntries(asked) });
    this.#tell();
  }

  /** @returns {Rating["about"][]} whose last stretch of talk has ended and was not asked about. */
  #toRate() {
    const own = this.#conversation;
    const state = own?.status.state;
    if (!own || own.isLoading || (state !== "bot" && state !== "closed")) return [];
    const asked = this.#store.get("rated") ?? {};
    return PARTIES.filter((party) => (
      lastOf(own.messages, party) > (asked[party] ?? 0) && (party === "specialist" || state === "closed")));
  }

  /** @throws {DeskError} */
  async end() {
    await this.#attempt((access) => this.#client.post(access, "close"));
    this.#conversation?.setStatus({ state: "closed" });
    this.#conversation?.refresh();
  }

  /**
   * @param {"txt" | "html"} format
   * @returns {Promise<string>} the visitor's own copy.
   * @throws {DeskError}
   */
  transcript(format) {
    return this.#attempt((access) => this.#client.transcript(access, format));
  }

  /**
   * @param {string} email
   * @param {string} clientId the same for every attempt.
   * @throws {DeskError} with `fields` where the visitor can mend it.
   */
  async mailTranscript(email, clientId) {
    await this.#attempt((access) => this.#client.post(access, "transcript/email", { client_id: clientId, email }));
  }

  /**
   * @returns {Promise<ResumeLink>} with which the chat goes on elsewhere, and ends here.
   * @throws {DeskError}
   */
  resumeLink() {
    return this.#attempt((access) => this.#client.post(access, "resume-link"));
  }

  /**
   * Goes on here with a chat of another device. What is typed here and not sent stays.
   *
   * @param {string} link the secret of its link.
   * @throws {DeskError}
   */
  async resumeHere(link) {
    // The same for every attempt here, also after a reload, so that a lost answer costs nothing.
    const clientId = this.#store.get("resuming") ?? newClientId();
    this.#store.set("resuming", clientId);
    const { id, token } = await this.#client.resume({ token: link, client_id: clientId });
    // Cleared meanwhile. Where the chat is only gone, for instance because the link was made here, it goes on.
    if (!this.#store.get("resuming") && !this.#store.get("conversation")) throw new DeskError({ status: 0 });
    this.#store.remove("resuming");
    this.#lose(null);
    this.#store.set("conversation", { id, token, isResumed: true });
    this.resume();
  }

  /**
   * Has the conversation erased everywhere, then here.
   *
   * @throws {DeskError}
   */
  async erase() {
    try {
      if (this.#conversation) await this.#client.erase(this.#conversation.access);
    } catch (error) {
      if (!(error instanceof DeskError && error.isGone)) throw error;
    }
    this.forget("erased");
  }

  /**
   * Forgets the chat in this browser alone, for a computer that others use.
   *
   * @param {ChatNotice} [notice]
   */
  forget(notice = "forgotten") {
    this.#store.set(CLEARING, true);
    this.#store.clear();
    this.#epoch += 1;
    this.#leave();
    this.#notice = notice;
  }

  /** Leaves an ended chat for a new one; words that were not sent come along. */
  startAfresh() {
    const { id, token, isResumed } = this.#store.get("conversation") ?? {};
    this.#lose(null);
    if (isResumed) this.#store.set("continues", { id, token });
  }

  /** Ends everything: the element has left the page. */
  dispose() {
    this.#life.abort();
    this.#sender.stop();
    this.#conversation?.dispose();
  }

  /** @param {Pick<OutboxItem, "kind" | "text"> & {choice?: string}} what */
  #say(what) {
    this.#outbox.add(what);
    this.#notice = null;
    this.#store.remove(NOTICE);
    this.#tell();
    void this.#sender.pump();
  }

  /** @param {OutboxItem} item */
  async #deliver(item) {
    const conversation = await this.#opened();
    // Taken back, cleared or sent by another tab meanwhile.
    if (!this.#outbox.get(item.clientId)) return;
    const id = { client_id: item.clientId };
    if (item.kind === "handoff") {
      const outcome = await this.#unlessVoid(this.#client.post(conversation.access, "handoff", id));
      conversation.take(outcome.messages ?? []);
      conversation.setStatus(outcome);
      this.#offersCallback = outcome.offer === "callback" && this.#isFree(item, outcome.messages);
      return;
    }
    const body = item.choice === null ? { ...id, text: item.text } : { ...id, choice: item.choice };
    try {
      const { message, replies, state } = await this.#unlessVoid(this.#client.send(conversation.access, body));
      conversation.take([message, ...(replies ?? [])]);
      if (state && state !== conversation.status.state) conversation.refresh();
      // In line, the notice offers a callback too; the form itself opens only where nobody is there.
      this.#offersCallback = item.choice === "handoff" && state === "bot" && offersCallback(replies) && this.#isFree(item, replies);
    } catch (error) {
      // Stored, and the reply will come by the stream or by number: nothing is left to send.
      if (!(error instanceof DeskError && error.type.endsWith("still-in-work"))) throw error;
      conversation.refresh();
    }
  }

  /**
   * @param {OutboxItem} item
   * @param {readonly Message[]} [replies]
   * @returns {boolean} whether a form may open by itself: in view, with nothing said since and no danger told of.
   */
  #isFree({ clientId }, replies = []) {
    return this.#isOpen && replies.every(({ kind }) => kind !== "safety")
      && this.#outbox.list().every((item) => item.clientId === clientId);
  }

  /**
   * @param {OutboxItem} item
   * @param {DeskError} error
   */
  #refused(item, error) {
    const isClosed = error.status === 409 && error.type.includes("closed");
    const reason = isClosed ? "closed" : (error.fields[0]?.message ?? error.detail);
    this.#outbox.update(item.clientId, { reason });
    if (item.kind === "handoff") {
      this.#outbox.remove(item.clientId);
      this.#notice = "handoff_failed";
    }
    this.#conversation?.refresh();
  }

  /** @returns {Promise<Conversation>} the present one; a new one is opened when there is none. */
  async #opened() {
    this.#adopt();
    if (this.#conversation) return this.#conversation;
    const { id, token, messages } = await this.#unlessVoid(this.#client.open(this.#about, this.#store.get("continues")));
    this.#store.remove("continues");
    // A tab that did not wait for the lock may have opened one meanwhile: the first one stays.
    const isFirst = this.#store.get("conversation") === null;
    if (isFirst) this.#store.set("conversation", { id, token });
    const conversation = this.#adopt();
    if (!conversation) throw new DeskError({ status: 0 });
    if (isFirst) conversation.begin(messages);
    return conversation;
  }

  /**
   * @template T
   * @param {(access: Access) => Promise<T>} call
   * @returns {Promise<T>}
   */
  async #attempt(call) {
    try {
      return await this.#unlessVoid(call((await this.#opened()).access));
    } catch (error) {
      if (error instanceof DeskError) this.#noteDanger(error.safety);
      if (error instanceof DeskError && error.isGone) this.#gone();
      throw error;
    }
  }

  /**
   * @template T
   * @param {Promise<T>} answer
   * @returns {Promise<T>} fails, as for want of a network, if the chat was cleared or lost meanwhile;
   *   a danger is told all the same.
   */
  async #unlessVoid(answer) {
    const epoch = this.#epoch;
    const [settled] = await Promise.allSettled([answer]);
    if (epoch !== this.#epoch) {
      this.#noteDanger(settled.status === "rejected" ? settled.reason.safety : dangerIn(settled.value));
      throw new DeskError({ status: 0 });
    }
    if (settled.status === "rejected") throw settled.reason;
    return settled.value;
  }

  /**
   * A comment or a callback's topic may tell of an emergency too.
   *
   * @param {SafetyFinding | null} finding
   */
  #noteDanger(finding) {
    if (!finding) return;
    this.#alarm = finding;
    this.#tell();
  }

  /** @returns {Conversation | null} the one whose access is stored, which any tab may have opened. */
  #adopt() {
    const access = this.#store.get("conversation");
    if (!access?.id || access.token === this.#conversation?.access.token) return this.#conversation;
    this.#leave();
    const conversation = new Conversation(this.#client, access, {
      onChange: () => this.#tell(),
      onNew: (message) => this.#acknowledge(message),
      onGone: () => this.#gone(),
    });
    this.#conversation = conversation;
    this.#tell();
    return conversation;
  }

  /** @param {Message} message */
  #acknowledge({ client_id }) {
    if (client_id) this.#outbox.remove(client_id);
  }

  /** The token opens nothing any more; another tab may have seen to that, or got a new one by a link. */
  #gone() {
    const stored = this.#store.get("conversation");
    if (this.#conversation && stored?.token !== this.#conversation.access.token) {
      this.#changedElsewhere();
      this.#adopt();
    } else {
      this.#lose("gone");
      void this.#sender.pump();
    }
  }

  /**
   * The conversation is over for this browser; what was not sent goes back to where it was typed,
   * in the store too: the tab that finds it out may not be the one that is looked at.
   *
   * @param {ChatNotice | null} notice
   */
  #lose(notice) {
    const words = this.#outbox.takeTexts();
    if (words) this.#restored = this.draft = [words, this.draft].filter(Boolean).join("\n\n");
    if (notice) this.#store.set(NOTICE, notice);
    else this.#store.remove(NOTICE);
    for (const key of CONVERSATION_RECORDS) this.#store.remove(key);
    this.#epoch += 1;
    this.#leave();
  }

  #leave() {
    this.#conversation?.dispose();
    this.#conversation = null;
    this.#offersCallback = false;
    this.#notice = null;
    this.#tell();
  }

  /**
   * @param {string} [key]
   * @param {boolean} [isRemoved]
   */
  #changedElsewhere(key, isRemoved = false) {
    if ((key === CLEARING && !isRemoved) || key === "") {
      this.#clearedElsewhere();
      return;
    }
    const stored = this.#store.get("conversation");
    if (this.#conversation && stored?.token !== this.#conversation.access.token) {
      this.#leave();
      if (this.#store.get(NOTICE)) this.#restored = this.draft;
    }
    if (this.#isOpen) this.#adopt();
    this.#tell();
  }

  /** Another tab has cleared the chat: nothing of it may be written back from here. */
  #clearedElsewhere() {
    this.#epoch += 1;
    const stored = this.#store.get("conversation");
    // A tab that slept hears of it late: what stands there now may be a new chat of the other one's.
    const isNew = stored !== null && stored.token !== this.#conversation?.access.token;
    if (!isNew) for (const key of [...CONVERSATION_RECORDS, "draft"]) this.#store.remove(key);
    this.#restored = "";
    this.#leave();
    this.#wasCleared = true;
    this.#notice = "forgotten";
  }

  async #loadService() {
    try {
      this.#service = await this.#client.service();
      this.#tell();
    } catch {
      // The words already there stand; the next tick asks again.
    }
  }

  /** @param {AbortController} life */
  #watchBrowser({ signal }) {
    const look = () => document.visibilityState === "visible" && this.#look();
    addEventListener("online", look, { signal });
    document.addEventListener("visibilitychange", look, { signal });
    const timer = setInterval(look, CHECK_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** The page is in view again, the network is back, or some time has passed. */
  #look() {
    this.sendNow();
    if (!this.#isOpen) return;
    void this.#loadService();
    if (this.#conversation && !this.#conversation.isComplete) this.#conversation.refresh();
  }

  /** Tells the views once, after everything that happens in this turn has happened. */
  #tell() {
    if (this.#isTelling || this.#life.signal.aborted) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      const own = this.#conversation;
      const isAwaited = own?.isLoading || own?.status.state === "queued" || own?.status.state === "with_specialist";
      own?.listen(this.#isOpen || isAwaited || this.#outbox.head() !== null);
      if (this.#isOpen && own) this.#store.set("seen", Math.max(own.position, this.#store.get("seen") ?? 0));
      for (const listener of this.#listeners) listener();
    });
  }
}

/**
 * @param {readonly Message[]} messages
 * @param {Rating["about"]} party
 * @returns {number} the last message with which it took part; a greeting is none.
 */
function lastOf(messages, party) {
  return messages.findLast(({ sender, in_reply_to: to }) => sender === party && (party === "specialist" || to !== null))?.seq ?? 0;
}

/** @param {readonly Message[] | undefined} replies */
function offersCallback(replies) {
  return replies?.some(({ choices }) => choices.some(({ id }) => id === "callback")) ?? false;
}
