/** `<frontdesk-form>`: the support form on any site, in a shadow root, against the box's public interface. */
import { fetchConfig, setBox } from "../src/api/client";
import type { Receipt } from "../src/api/contract";
import { dress, element } from "./dom";
import { buildForm } from "./form";
import { readOrigin } from "./settings";
import { STYLES } from "./styles";
import { buildTicket } from "./ticket";

let servedFrom: string | null = null;

export function setServedFrom(origin: string | null): void {
  servedFrom = origin;
}

/** Attributes: `origin` (the box, when the script came from elsewhere), `heading`, `bare` (no frame), `theme="light"`. Fires `frontdesk-submitted`. */
export class FrontdeskForm extends HTMLElement {
  private stop: () => void = () => undefined;
  private isBuilt = false;

  connectedCallback(): void {
    if (this.isBuilt) return;
    this.isBuilt = true;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    dress(root, STYLES);
    void this.start(root);
  }

  disconnectedCallback(): void {
    this.stop();
    this.isBuilt = false;
  }

  private async start(root: ShadowRoot): Promise<void> {
    const card = element("div", { class: "card" });
    root.replaceChildren(card);
    const origin = readOrigin(this.getAttribute("origin"), servedFrom);
    if (origin === null) {
      card.append(element("p", { class: "notice", role: "alert" }, "The support form does not know its box: set the origin attribute."));
      return;
    }
    setBox(origin);
    card.append(element("p", { class: "muted", role: "status" }, "Loading the form…"));
    const outcome = await fetchConfig();
    if (!outcome.ok) {
      card.replaceChildren(
        element("p", { class: "notice", role: "alert" }, "The support form cannot be loaded just now."),
        element("p", {}, element("button", { type: "button", class: "plain", click: () => void this.start(root) }, "Try again")),
      );
      return;
    }
    const config = outcome.value;
    const heading = this.getAttribute("heading") ?? `Ask ${config.company}`;
    const received = (receipt: Receipt): void => {
      const part = buildTicket(receipt, origin);
      this.stop = part.stop;
      card.replaceChildren(part.node);
      card.querySelector("h2")?.focus();
      this.dispatchEvent(new CustomEvent("frontdesk-submitted", { bubbles: true, composed: true, detail: { reference: receipt.ticket_id } }));
    };
    card.replaceChildren(element("h2", {}, heading), element("p", { class: "muted" }, "We answer here and by email."), buildForm(config, received));
  }
}
