/**
 * The words of the public API, and the widget's own records.
 *
 * For the type checker alone: nothing here is sent to a browser.
 */

import type { DeskError } from "./transport/desk-error.js";

export type ConversationState = "bot" | "queued" | "with_specialist" | "closed";
export type Sender = "visitor" | "bot" | "specialist" | "system";
export type SafetyKind = "emergency" | "crisis";

export interface Source {
  id: string;
  title: string;
  publisher: string;
  url: string | null;
  published_on: string | null;
}

export interface Answer {
  entry_id: string;
  version: string;
  title: string;
  /** A missing kind is taken for medical, so that the clinical notice is never lost. */
  kind?: "medical" | "service";
  review_status: "pending" | "reviewed";
  reviewed_on: string | null;
  sources: Source[];
}

export interface Choice {
  id: string;
  title: string;
}

export interface Message {
  id: string;
  seq: number;
  client_id: string | null;
  sender: Sender;
  kind: string;
  text: string;
  language: string;
  created_at: string;
  safety: SafetyKind | null;
  author: { name: string } | null;
  in_reply_to: string | null;
  answer: Answer | null;
  choices: Choice[];
}

/** What `GET …/{id}` and the stream's `state` event say. */
export interface Status {
  state: ConversationState;
  queue_position: number | null;
  wait_minutes: [number, number] | null;
  specialist: { name: string } | null;
  asks_while_waiting: boolean;
  last_seq: number;
}

/** What `GET /api/v1/service` says; the widget has a fallback for every part of it. */
export interface Service {
  organisation: { name: string; former_name: string | null; is_demonstration: boolean } | null;
  emergency_number: string;
  crisis_line: string | null;
  consent: { text: string; version: string };
  notices: { review_pending: string; review_done: string };
  is_open: boolean | null;
  is_staffed: boolean | null;
  /** Null also where the hours are unconfirmed. */
  opens_at: string | null;
  /** Only when that is soon. */
  closes_at: string | null;
  /** The team's own words about a sudden closing. */
  closure: string | null;
  /** Whether the desk sends transcripts by mail. */
  has_mail: boolean;
}

/** The right to one conversation, as kept in the browser. */
export interface Access {
  id: string;
  token: string;
  /** Whether a resume link brought it here. */
  isResumed?: boolean;
}

export interface SafetyFinding {
  kind: SafetyKind;
  text: string;
}

/**
 * Something the visitor did that the desk has not acknowledged yet.
 *
 * `waiting`: it will be sent; `refused`: the desk will not take it and `reason` says why.
 */
export interface OutboxItem {
  clientId: string;
  order: number;
  kind: "text" | "choice" | "handoff";
  text: string;
  choice: string | null;
  status: "waiting" | "refused";
  attempts: number;
  reason: string | null;
  safety: SafetyFinding | null;
}

export interface CallbackRequest {
  name: string;
  phone: string;
  email: string;
  preferred_time: string;
  topic: string;
}

export interface ResumeLink {
  url: string;
  token: string;
  expires_at: string;
}

export interface Rating {
  about: "bot" | "specialist";
  score: number;
  comment: string;
}

export type Connection = "idle" | "connecting" | "live" | "polling" | "offline";
export type ChatNotice = "gone" | "erased" | "forgotten" | "handoff_failed";

/** Everything the views draw from. */
export interface ChatState {
  service: Service;
  hasConsent: boolean;
  hasConversation: boolean;
  isLoading: boolean;
  status: Status;
  messages: Message[];
  /** Number of the last message that was in view, in whatever tab. */
  seen: number;
  outbox: OutboxItem[];
  /** Whether something was said whose answer is still to come. */
  isAsking: boolean;
  typing: { sender: Sender; name: string | null } | null;
  connection: Connection;
  feedback: Record<string, boolean>;
  /** Whom to ask about: the last stretch of talk with them has ended. */
  toRate: Rating["about"][];
  offersCallback: boolean;
  notice: ChatNotice | null;
  /** Danger told of elsewhere than in a message: in a comment, or in a callback request. */
  alarm: SafetyFinding | null;
}

/** One event of the stream, as it came over the line. */
export interface StreamEvent {
  event: string;
  data: string;
  id: string | null;
}

export interface CallOptions {
  access?: Access;
  body?: object;
  timeout?: number;
  signal?: AbortSignal;
  accept?: string;
}

/** What a receiver tells, and asks of, the conversation that it serves. */
export interface Listener {
  /** Number of the last message without a gap before it. */
  position(): number;
  /** Milliseconds until another poll is worth it. */
  pollDelay(): number;
  onMessages(messages: Message[]): void;
  onStatus(status: Partial<Status>): void;
  onTyping(typing: unknown): void;
  onConnection(connection: Connection): void;
  /** The token does not open the conversation any more. */
  onGone(): void;
}

/** What a sender needs of the chat whose outbox it empties. */
export interface Delivery {
  /** Sends one item; rejects with a DeskError. */
  deliver(item: OutboxItem): Promise<void>;
  /** The desk will never take the item. */
  onRefused(item: OutboxItem, error: DeskError): void;
  onGone(error: DeskError): void;
  /** What is being sent, or when the next attempt is due, has changed. */
  onChange(): void;
}

/** What a conversation tells the chat. */
export interface Watcher {
  onChange(): void;
  /** Called for each message, once. */
  onNew(message: Message): void;
  onGone(): void;
}

/** A piece of a line of text; a link when it has an address. */
export interface Span {
  text: string;
  href: string | null;
}

export type Block = { kind: "paragraph"; lines: Span[][] } | { kind: "list"; items: Span[][] };

export type MenuItem = "callback" | "device" | "keep" | "print" | "end" | "erase" | "forget";
export type CallbackField = keyof CallbackRequest;

export interface FeedbackHandlers {
  onRate(helpful: boolean, comment?: string): Promise<void>;
  onPerson(): void;
}

export interface MessageHandlers {
  language: string;
  onChoose(choice: Choice): void;
  onRate(messageId: string, helpful: boolean, comment?: string): Promise<void>;
  onPerson(): void;
}

export interface ListHandlers extends MessageHandlers, UnsentHandlers {
  /** A safety text has just come: nothing may lie over the list. */
  onDanger(): void;
}

export interface UnsentHandlers {
  onRetry(): void;
  onEdit(clientId: string): void;
  onDiscard(clientId: string): void;
}

export interface ClosingHandlers {
  onAfresh(): void;
  onSurvey(): void;
  onCallback(): void;
}

export interface ComposerHandlers {
  onSend(text: string): void;
  onTooLong(text: string): void;
  onPerson(): void;
  onDraft(draft: string): void;
  onTyping(): void;
}

export interface SurveyHandlers {
  onSubmit(ratings: Rating[]): Promise<void>;
  onSkip(): void;
  onDone(): void;
}

export interface KeepHandlers {
  canMail: boolean;
  onFile(format: "txt" | "html"): Promise<string>;
  onMail(email: string, clientId: string): Promise<void>;
}

export interface ResumeHandlers {
  onUse(): Promise<void>;
  onAfresh(): void;
  onDone(): void;
}

export interface RateHandlers {
  onRate(): void;
  onSkip(): void;
}

export interface CallbackHandlers {
  /** Sends the request and gives its reference. */
  onSubmit(values: CallbackRequest, clientId: string): Promise<string>;
  onDone(): void;
  /** Words already typed, which become the subject. */
  topic: string;
  /** Whether a question is left in place of waiting in line. */
  isQuestion: boolean;
  language: string;
}
