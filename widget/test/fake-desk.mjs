/**
 * A small desk that keeps to the public API, and that can be told to fail in every way in which
 * networks and servers do. In memory, for tests and for looking at the widget:
 * `npm run demo` serves the example page with it.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { botTurn, CHOSEN, dangerIn, SAFETY } from "./fake-bot.mjs";
import { served } from "./served.mjs";

/** @import {IncomingMessage, Server, ServerResponse} from "node:http" */
/** @import {Draft} from "./fake-bot.mjs" */

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({ ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" });
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const WAITING = [
  { id: "ask_while_waiting", title: "Ask the chatbot while I wait" },
  { id: "callback", title: "Ask a person to contact me" },
  { id: "back_to_bot", title: "Go back to the chatbot" },
];
const DESK_CHOICES = ["handoff", "keep_waiting", "still_here", "ask_while_waiting", "back_to_bot"];
const CONSENT = "Before you start: I am a chatbot, a computer program, not a person. My medical answers come from published sources. A doctor or nurse has not checked them yet, so please go over them with your child's care team.\n\nThis chat is not for emergencies. If your child may be in danger, call 911 now.\n\nWe save what you write so that our team can help you and check my answers. You can delete this chat at any time.";

/** An answer that is a refusal, as problem+json. */
class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} slug
   * @param {object} [more]
   * @param {Record<string, string>} [headers]
   */
  constructor(status, slug, more = {}, headers = {}) {
    super(slug);
    this.status = status;
    this.headers = headers;
    this.body = { type: `/problems/${slug}`, title: slug, status, detail: `The desk says: ${slug}.`, ...more };
  }
}

/** @typedef {{count: number, status: number, path: string, retryAfter: number, method: string, slug?: string}} Failures */

/**
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string} token
 * @property {string} state
 * @property {string | null} specialist
 * @property {number | null} place
 * @property {boolean} asks
 * @property {any[]} messages
 * @property {Map<string, {digest: string, body: any}>} answered
 * @property {Set<(event: string, body: any) => void>} streams
 */

export class FakeDesk {
  /** @type {Map<string, Conversation>} */
  conversations = new Map();
  /** Every call as "METHOD path", without ids. @type {string[]} */
  calls = [];
  /** @type {any[]} */
  callbacks = [];
  /** @type {any[]} */
  surveys = [];
  /** @type {any[]} */
  feedback = [];
  isStaffed = true;
  isOpen = true;
  hasMail = false;
  /** @type {string | null} */
  closesAt = null;
  /** @type {{message: string, until: string | null} | null} */
  closure = null;
  /** What came with the opening of each conversation. @type {any[]} */
  openings = [];
  /** @type {any[]} */
  mails = [];
  /** Links by their secret: of which conversation, and whether they are spent. @type {Map<string, {id: string, isSpent: boolean, usedBy: string}>} */
  links = new Map();
  hasVerifiedHours = true;
  typingCalls = 0;
  faults = {
    /** Every connection is cut at once. */
    isOffline: false,
    /** So many message calls are done, and then their answer is lost. */
    lostAnswers: 0,
    /** So many calls fail with this status. */
    failures: /** @type {Failures} */ ({ count: 0, status: 500, path: "messages", retryAfter: 0, method: "POST" }),
    /** The stream: as it should be, silent for ever, refused, every event twice, or in pairs turned round. */
    stream: "ok",
    /** Milliseconds that the bot thinks. */
    thinking: 0,
  };
  /** @type {Server} */
  #server;
  #base = "";

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  /** @param {number} [port] */
  async listen(port = 0) {
    await new Promise((resolve) => this.#server.listen(port, "127.0.0.1", () => resolve(null)));
    const address = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    this.#base = `http://127.0.0.1:${address.port}`;
    return this.#base;
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(() => resolve(null)));
  }

  /** @returns {Conversation} the only one, or the newest. */
  get conversation() {
    return /** @type {Conversation} */ ([...this.conversations.values()].at(-1));
  }

  /** Cuts every open stream, as a network does that changes. */
  cutStreams() {
    this.#server.closeAllConnections();
  }

  /** @param {string} name */
  specialistJoins(name) {
    const own = this.conversation;
    Object.assign(own, { state: "with_specialist", specialist: name, place: null });
    this.#tellState(own);
    this.say(own, { kind: "notice", sender: "system", text: `${name} has joined the chat. ${name} is an information specialist, a real person, and can read what you wrote above.` });
  }

  /** @param {string} text */
  specialistSays(text) {
    this.say(this.conversation, { kind: "text", sender: "specialist", text });
  }

  specialistTypes() {
    const own = this.conversation;
    for (const tell of own.streams) tell("typing", { sender: "specialist", author: { name: own.specialist }, is_typing: true });
  }

  specialistHandsBack() {
    const own = this.conversation;
    const name = own.specialist;
    Object.assign(own, { state: "bot", specialist: null });
    this.#tellState(own);
    this.say(own, { kind: "notice", sender: "system", text: `${name} has left the chat. You are with the chatbot again.` });
  }

  warnIdle() {
    this.say(this.conversation, { kind: "notice", sender: "system", text: "Are you still there?", choices: [{ id: "still_here", title: "I am still here" }] });
  }

  remindWaiting() {
    this.say(this.conversation, { kind: "notice", sender: "system", text: "You are still in line for a person.", choices: [{ id: "keep_waiting", title: "Keep waiting" }, ...WAITING] });
  }

  specialistCloses() {
    const own = this.conversation;
    this.say(own, { kind: "notice", sender: "system", text: "The specialist has ended this chat. You can still read it." });
    own.state = "closed";
    this.#tellState(own);
  }

  /** @param {number} place */
  moveInQueue(place) {
    this.conversation.place = place;
    this.#tellState(this.conversation);
  }

  /**
   * Stores a message and pushes it.
   *
   * @param {Conversation} own
   * @param {Draft} draft
   * @param {{clientId?: string | null, replyTo?: string | null}} [about]
   */
  say(own, draft, { clientId = null, replyTo = null } = {}) {
    const sender = draft.sender ?? "bot";
    const message = {
      id: randomUUID(), seq: own.messages.length + 1, client_id: clientId, sender, kind: draft.kind, text: draft.text,
      language: "en", created_at: new Date().toISOString(), safety: draft.safety ?? null,
      author: sender === "specialist" ? { name: own.specialist } : null, in_reply_to: replyTo,
      answer: draft.answer ?? null, choices: draft.choices ?? [],
    };
    own.messages.push(message);
    for (const tell of own.streams) tell("message", message);
    return message;
  }

  /** @param {Conversation} own */
  #tellState(own) {
    for (const tell of own.streams) tell("state", this.#status(own));
  }

  /** @param {Conversation} own */
  #status(own) {
    return {
      id: own.id, state: own.state, queue_position: own.place, wait_minutes: own.place ? [own.place * 3, own.place * 5] : null,
      asks_while_waiting: own.asks, specialist: own.specialist ? { name: own.specialist } : null, last_seq: own.messages.length,
    };
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async #handle(request, response) {
    const url = new URL(request.url ?? "/", this.#base || "http://127.0.0.1");
    if (!url.pathname.startsWith("/api/")) return this.#file(url.pathname, response);
    if (this.faults.isOffline) return request.socket.destroy();
    const path = url.pathname.replace(/^\/api\/v1\//, "").replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "{id}");
    this.calls.push(`${request.method} ${path}`);
    try {
      this.#maybeFail(request.method ?? "", path);
      const body = await readBody(request);
      const answer = await this.#call(request, url, path, body, response);
      if (answer === null) return;
      if ((path.endsWith("/messages") || path === "resume") && request.method === "POST" && this.faults.lostAnswers > 0) {
        this.faults.lostAnswers -= 1;
        request.socket.destroy();
        return;
      }
      send(response, answer.status, answer.body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, error.body, "application/problem+json", error.headers);
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   */
  #maybeFail(method, path) {
    const { failures } = this.faults;
    if (failures.count <= 0 || method !== failures.method || !path.endsWith(failures.path)) return;
    failures.count -= 1;
    throw new Refusal(failures.status, failures.slug ?? "trouble", {}, failures.retryAfter ? { "Retry-After": String(failures.retryAfter) } : {});
  }

  /**
   * @param {IncomingMessage} request
   * @param {URL} url
   * @param {string} path
   * @param {any} body
   * @param {ServerResponse} response
   * @returns {Promise<{status: number, body: any} | null>} null when the response is dealt with.
   */
  async #call(request, url, path, body, response) {
    if (path === "service") return { status: 200, body: this.#service() };
    if (path === "conversations") return this.#open(body);
    if (path === "resume") return this.#resume(body);
    const id = url.pathname.split("/")[4];
    const own = this.conversations.get(id);
    if (!own || request.headers.authorization !== `Bearer ${own.token}`) {
      const danger = dangerIn(String(body?.text ?? ""));
      throw new Refusal(404, "not-found", danger ? { safety: danger, safety_text: SAFETY[danger].text } : {});
    }
    const what = `${request.method} ${path.replace("conversations/{id}", "")}`;
    if (what === "GET ") return { status: 200, body: this.#status(own) };
    if (what === "DELETE ") return this.#erase(own);
    if (what === "GET /messages") return { status: 200, body: page(own, url) };
    if (what === "POST /messages") return this.#message(own, body);
    if (what === "GET /stream") return this.#stream(own, url, request, response);
    if (what === "POST /handoff") return this.#once(own, body, () => this.#handoff(own), 202);
    if (what === "POST /callback") return this.#once(own, body, () => this.#callback(body), 201);
    if (what === "POST /survey") return this.#once(own, body, () => this.#survey(own, body), 201);
    if (what === "POST /resume-link") return this.#resumeLink(own);
    if (what === "POST /transcript/email") return this.#once(own, body, () => this.#mail(body), 202);
    if (what === "POST /typing") {
      this.typingCalls += 1;
      return { status: 204, body: null };
    }
    if (what === "POST /close") {
      own.state = "closed";
      this.say(own, { kind: "notice", sender: "system", text: "You have ended this chat. You can still read it." });
      this.#tellState(own);
      return { status: 200, body: this.#status(own) };
    }
    if (what === "POST /messages/{id}/feedback") {
      this.feedback.push(body);
      const danger = dangerIn(body.comment ?? "");
      return danger ? { status: 200, body: { safety: danger, safety_text: SAFETY[danger].text } } : { status: 204, body: null };
    }
    if (what === "GET /transcript" && url.searchParams.get("format") === "html") {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(`<!doctype html><title>Your conversation</title><p>${own.messages.length} messages</p>`);
      return null;
    }
    if (what === "GET /transcript") {
      response.setHeader("Content-Type", "text/plain; charset=utf-8");
      response.end(own.messages.map(({ sender, text }) => `${sender}: ${text}`).join("\n\n"));
      return null;
    }
    throw new Refusal(404, "not-found");
  }

  #service() {
    return {
      organisation: { name: "Blood Cancer United", former_name: "The Leukemia & Lymphoma Society", is_demonstration: true },
      emergency_number: "911", crisis_line: "988", consent: { text: CONSENT, version: "1-12345678" },
      notices: { review_pending: "A doctor or nurse has not checked this answer yet. Please go over it with your child's care team." },
      mail: this.hasMail,
      service: {
        is_open: this.isStaffed && this.isOpen && !this.closure, is_staffed: this.isStaffed, is_closing_soon: this.closesAt !== null,
        opens_at: this.closure ? this.closure.until : this.isStaffed && this.isOpen ? null : tomorrow(),
        closes_at: this.closesAt, hours_verified: this.hasVerifiedHours, wait_minutes: null, closure: this.closure,
      },
    };
  }

  /** @param {any} body */
  #open(body) {
    this.openings.push(body);
    if (body?.consent !== true) throw new Refusal(422, "invalid-request", { errors: [{ field: "consent", message: "must be true" }] });
    /** @type {Conversation} */
    const own = {
      id: randomUUID(), token: randomBytes(16).toString("hex"), state: "bot", specialist: null, place: null, asks: false,
      messages: [], answered: new Map(), streams: new Set(),
    };
    this.conversations.set(own.id, own);
    this.say(own, { kind: "smalltalk", text: "Hello, I'm glad you're here. I am a chatbot for families of babies with leukemia. I'm a computer program, not a person.\n\nAsk me anything in your own words. To write with an information specialist, choose “Talk to a person” at any time." });
    return { status: 201, body: { id: own.id, token: own.token, state: own.state, messages: own.messages } };
  }

  /** @param {Conversation} own */
  #resumeLink(own) {
    const token = `${randomBytes(8).toString("hex")}:sign`;
    this.links.set(token, { id: own.id, isSpent: false, usedBy: "" });
    return { status: 201, body: { url: `${this.#base}/#resume=${token}`, token, expires_at: tomorrow() } };
  }

  /** @param {any} body */
  #resume(body) {
    const link = this.links.get(body.token);
    const own = link && this.conversations.get(link.id);
    if (!link) throw new Refusal(404, "not-found");
    const isRepeat = link.usedBy !== "" && link.usedBy === body.client_id;
    if ((link.isSpent && !isRepeat) || !own) throw new Refusal(410, "resume-link-spent");
    Object.assign(link, { isSpent: true, usedBy: body.client_id ?? "" });
    own.token = randomBytes(16).toString("hex");
    own.streams.clear();
    setTimeout(() => this.cutStreams(), 100);
    return { status: 200, body: { id: own.id, token: own.token, state: own.state, last_seq: own.messages.length } };
  }

  /**
   * @param {Conversation} own
   * @param {any} body
   */
  #survey(own, body) {
    const stretch = own.messages.findLast(({ sender }) => sender === body.about)?.seq ?? 0;
    if (this.surveys.some(({ about, of }) => about === body.about && of === stretch)) throw new Refusal(409, "not-possible-now");
    this.surveys.push({ ...body, of: stretch });
    return {};
  }

  /** @param {Conversation} own */
  #erase(own) {
    this.conversations.delete(own.id);
    this.cutStreams();
    return { status: 204, body: null };
  }

  /**
   * @param {Conversation} own
   * @param {any} body
   */
  async #message(own, body) {
    const text = (body.text ?? "").trim();
    const danger = dangerIn(text);
    const safety = danger ? { safety: danger, safety_text: SAFETY[danger].text } : {};
    if (own.state === "closed") throw new Refusal(409, "conversation-closed", safety);
    if (text.length > 4000) throw new Refusal(422, "text-too-long", { ...safety, errors: [{ field: "text", message: "Use at most 4,000 characters." }] });
    return this.#once(own, body, () => this.#exchange(own, body, text), 201);
  }

  /**
   * @param {Conversation} own
   * @param {any} body
   * @param {string} text
   */
  async #exchange(own, body, text) {
    const offered = own.messages.flatMap(({ choices }) => choices).find(({ id }) => id === body.choice);
    if (body.choice && !offered && !DESK_CHOICES.includes(body.choice)) throw new Refusal(422, "unknown-choice");
    const words = body.choice ? (offered?.title ?? body.choice) : text;
    const message = this.say(own, { kind: "text", sender: "visitor", text: words }, { clientId: body.client_id });
    const from = own.messages.length;
    if (this.faults.thinking) await new Promise((resolve) => setTimeout(resolve, this.faults.thinking));
    this.#react(own, body.choice, words, message.id);
    return { message, replies: own.messages.slice(from), state: own.state };
  }

  /**
   * @param {Conversation} own
   * @param {string | undefined} choice
   * @param {string} words
   * @param {string} replyTo
   */
  #react(own, choice, words, replyTo) {
    const danger = choice ? null : dangerIn(words);
    if (danger) return void this.say(own, SAFETY[danger], { replyTo });
    if (choice === "handoff") return void this.#handoff(own);
    if (choice === "ask_while_waiting") own.asks = true;
    if (choice === "back_to_bot") Object.assign(own, { state: "bot", place: null, asks: false });
    if (choice && DESK_CHOICES.includes(choice)) {
      const text = choice === "still_here" ? "This chat stays open." : own.asks ? "Of course. Ask me while you wait. You keep your place in line." : "You are with the chatbot again.";
      this.say(own, { kind: "notice", sender: "system", text }, { replyTo });
      return this.#tellState(own);
    }
    if (own.state === "with_specialist" || (own.state === "queued" && !own.asks)) return;
    const turn = choice ? [CHOSEN[choice]] : botTurn(words);
    if (turn === "handoff") this.#handoff(own);
    else for (const draft of turn) this.say(own, draft, { replyTo });
  }

  /** @param {Conversation} own */
  #handoff(own) {
    const from = own.messages.length;
    if (own.state === "bot" && (!this.isStaffed || this.closure)) {
      this.say(own, { kind: "handoff", sender: "bot", text: "Our information specialists are away right now.\n\nWould you like them to call or write to you?", choices: [{ id: "callback", title: "Leave my number" }] });
      return { state: "bot", offer: "callback", opens_at: tomorrow(), queue_position: null, wait_minutes: null, messages: own.messages.slice(from) };
    }
    if (own.state === "bot") {
      Object.assign(own, { state: "queued", place: 2 });
      this.say(own, { kind: "handoff", sender: "system", text: "You are in line for an information specialist. A person will join you here in this chat. You can keep writing while you wait, and they will read all of it.", choices: WAITING });
      this.#tellState(own);
    }
    return { ...this.#status(own), offer: null, opens_at: null, messages: own.messages.slice(from) };
  }

  /** @param {any} body */
  #mail(body) {
    if (!body.email.includes(".")) throw new Refusal(422, "invalid-request", { errors: [{ field: "email", message: "Check the email address. It looks like name@example.org." }] });
    return this.mails.push(body);
  }

  /** @param {any} body */
  #callback(body) {
    if (!body.phone && !body.email) throw new Refusal(422, "invalid-request", { errors: [{ field: "phone", message: "Give a phone number or an email address." }] });
    if (body.email && !body.email.includes("@")) throw new Refusal(422, "invalid-request", { errors: [{ field: "email", message: "Check the email address. It looks like name@example.org." }] });
    this.callbacks.push(body);
    return { reference: "CB-7F3K" };
  }

  /**
   * Does something once for each client id; the same again gets the very same body.
   *
   * @param {Conversation} own
   * @param {any} body
   * @param {() => any} work
   * @param {number} status
   */
  async #once(own, body, work, status) {
    const digest = JSON.stringify(body);
    const known = own.answered.get(body.client_id);
    if (known && known.digest !== digest) throw new Refusal(409, "client-id-reused");
    if (known) return { status: 200, body: await known.body };
    const promise = Promise.resolve().then(work);
    own.answered.set(body.client_id, { digest, body: promise });
    try {
      return { status, body: await promise };
    } catch (error) {
      own.answered.delete(body.client_id);
      throw error;
    }
  }

  /**
   * @param {Conversation} own
   * @param {URL} url
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  #stream(own, url, request, response) {
    const mode = this.faults.stream;
    if (mode === "refused") throw new Refusal(503, "unavailable");
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
    response.flushHeaders();
    if (mode === "silent") return null;
    /** @type {string[]} */
    const held = [];
    const tell = (/** @type {string} */ event, /** @type {any} */ body) => {
      const id = event === "message" ? `id: ${body.seq}\n` : "";
      const frame = `${id}event: ${event}\ndata: ${JSON.stringify(body)}\n\n`;
      if (mode === "doubled") response.write(frame + frame);
      else if (mode === "reordered" && event === "message") {
        held.push(frame);
        const release = () => held.length > 0 && response.write(held.splice(0).reverse().join(""));
        if (held.length === 2) release();
        else setTimeout(release, 200);
      } else response.write(frame);
    };
    tell("state", this.#status(own));
    const after = Number(request.headers["last-event-id"] ?? url.searchParams.get("after") ?? 0);
    for (const message of own.messages.slice(after)) tell("message", message);
    own.streams.add(tell);
    const quiet = setInterval(() => response.write(": quiet\n\n"), 15_000);
    response.on("close", () => {
      own.streams.delete(tell);
      clearInterval(quiet);
    });
    return null;
  }

  /**
   * @param {string} path
   * @param {ServerResponse} response
   */
  async #file(path, response) {
    const place = path === "/" ? "example/index.html"
      : path.startsWith("/widget/v1/") ? join("src", path.slice(11))
        : path.startsWith("/node_modules/axe-core/") || path.startsWith("/example/") ? path.slice(1) : "";
    try {
      const content = await readFile(join(ROOT, normalize(place)));
      response.writeHead(200, {
        "Content-Type": `${TYPES[extname(place)] ?? "application/octet-stream"}; charset=utf-8`,
        "Content-Security-Policy": POLICY, "Cache-Control": "no-store",
      });
      response.end(place.startsWith("src") ? served(content.toString("utf8")) : content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

/**
 * @param {Conversation} own
 * @param {URL} url
 */
function page(own, url) {
  const after = Number(url.searchParams.get("after") ?? 0);
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const messages = own.messages.slice(after, after + limit);
  return { messages, last_seq: own.messages.length, more: after + limit < own.messages.length, state: own.state };
}

/** @param {IncomingMessage} request */
async function readBody(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  return text ? JSON.parse(text) : null;
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {any} body
 * @param {string} [type]
 * @param {Record<string, string>} [headers]
 */
function send(response, status, body, type = "application/json", headers = {}) {
  response.writeHead(status, { "Content-Type": type, ...headers });
  response.end(body === null ? undefined : JSON.stringify(body));
}

function tomorrow() {
  const date = new Date(Date.now() + 86_400_000);
  date.setHours(9, 0, 0, 0);
  return date.toISOString();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const desk = new FakeDesk();
  const address = await desk.listen(Number(process.env.PORT ?? 8123));
  console.log(`The example page with a pretended desk: ${address}/`);
}
