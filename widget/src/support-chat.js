// The address that pages embed: <script type="module" src="…/widget/v1/support-chat.js"></script>
import { SupportChatElement } from "./support-chat-element.js";

// A page that embeds the line twice keeps the first chat.
if (!customElements.get("support-chat")) customElements.define("support-chat", SupportChatElement);
