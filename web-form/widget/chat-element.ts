/** `<frontdesk-chat>`: a button in the corner that opens the form; Escape closes, the focus goes back. */
import { dress, element } from "./dom";
import { CHAT_STYLES } from "./styles";

const ICON = "M4 5.5h16v11H9.5L5 20v-3.5H4z";

function icon(): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [name, value] of Object.entries({ width: "20", height: "20", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linejoin": "round", "aria-hidden": "true" })) svg.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICON);
  svg.append(path);
  return svg;
}

/** Attributes: `label` (the button's words), `side="start"`, and those of `<frontdesk-form>`. */
export class FrontdeskChat extends HTMLElement {
  connectedCallback(): void {
    if (this.shadowRoot !== null) return;
    const root = this.attachShadow({ mode: "open" });
    dress(root, CHAT_STYLES);
    const label = this.getAttribute("label") ?? "Help";
    const panel = element("div", { class: "panel", id: "panel", role: "dialog", "aria-label": label, tabindex: "-1", hidden: true });
    const button = element("button", { type: "button", class: "launch", "aria-expanded": "false", "aria-controls": "panel" }, icon(), label);
    const show = (isOpen: boolean): void => {
      // Built on first use, so that a page pays nothing for a button that nobody presses.
      if (isOpen && panel.childElementCount === 0) {
        const form = document.createElement("frontdesk-form");
        form.setAttribute("bare", "");
        for (const name of ["origin", "heading", "theme"]) {
          const value = this.getAttribute(name);
          if (value !== null) form.setAttribute(name, value);
        }
        panel.append(form);
      }
      panel.hidden = !isOpen;
      button.setAttribute("aria-expanded", String(isOpen));
      (isOpen ? panel : button).focus();
    };
    button.addEventListener("click", () => {
      show(panel.hidden);
    });
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) show(false);
    });
    root.append(panel, button);
  }
}
