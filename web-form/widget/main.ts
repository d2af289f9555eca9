/**
 * `<script src="https://box/widget.js" async></script>` defines `<frontdesk-form>` and `<frontdesk-chat>`; with `data-launcher` (its
 * value, if any, is the button's words) it also puts the chat button on the page. Nothing else of it is visible to the page.
 */
import { FrontdeskChat } from "./chat-element";
import { FrontdeskForm, setServedFrom } from "./form-element";
import { originOfScript } from "./settings";

const script = document.currentScript;
setServedFrom(originOfScript(script));
if (customElements.get("frontdesk-form") === undefined) customElements.define("frontdesk-form", FrontdeskForm);
if (customElements.get("frontdesk-chat") === undefined) customElements.define("frontdesk-chat", FrontdeskChat);

const launcher = script?.getAttribute("data-launcher") ?? null;
if (launcher !== null) {
  const place = (): void => {
    const chat = document.createElement("frontdesk-chat");
    if (launcher !== "") chat.setAttribute("label", launcher);
    document.body.append(chat);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place, { once: true });
  else place();
}
