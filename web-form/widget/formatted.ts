/** Message text as elements, by the same small tree as the box's own pages use; never as HTML. */
import { type Inline, parseBlocks } from "../src/text/blocks";
import { element } from "./dom";

function inline(part: Inline): Node | string {
  switch (part.type) {
    case "strong": return element("strong", {}, part.text);
    case "code": return element("code", {}, part.text);
    case "link": return element("a", { href: part.href, target: "_blank", rel: "noreferrer noopener" }, part.text);
    default: return part.text;
  }
}

const lines = (all: Inline[][]): (Node | string)[] => all.flatMap((line, index) => [...(index > 0 ? [element("br")] : []), ...line.map(inline)]);

export function formatted(text: string, origin: string): HTMLElement[] {
  return parseBlocks(text, origin).map((block) => {
    if (block.type === "paragraph") return element("p", {}, ...lines(block.lines));
    if (block.type === "heading") return element("p", {}, element("strong", {}, ...block.content.map(inline)));
    const items = block.items.map((item) => element("li", {}, ...lines(item)));
    return block.ordered ? element("ol", { start: String(block.start) }, ...items) : element("ul", {}, ...items);
  });
}
