import { Chat } from "./session/chat.js";
import { browserStorage, Store } from "./session/store.js";
import { chatStyles } from "./styles/chat.js";
import { DeskClient } from "./transport/desk-client.js";
import { styleSheet } from "./view/dom.js";
import { Panel } from "./view/panel.js";

/**
 * Puts the chat together; the launcher imports this module when the chat is first opened.
 *
 * @param {object} settings
 * @param {string} settings.apiBase
 * @param {string} settings.language
 * @param {Store} settings.tabStore
 * @param {() => void} settings.onMinimise
 * @returns {{chat: Chat, panel: Panel, styles: CSSStyleSheet}}
 */
export function createChat({ apiBase, language, tabStore, onMinimise }) {
  const chat = new Chat({
    client: new DeskClient(apiBase),
    store: new Store(apiBase, browserStorage("localStorage")),
    name: apiBase,
    language,
    pageUrl: location.href,
  });
  const panel = new Panel({ chat, tabStore, language, onMinimise });
  return { chat, panel, styles: styleSheet(chatStyles) };
}
