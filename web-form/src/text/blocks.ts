/**
 * Turns message text into a small tree of paragraphs, lists and inline marks.
 * It is not Markdown: only what replies use. The tree holds plain strings that
 * React escapes, so no text can ever become markup. Pure.
 */

export type Inline =
  | { type: "text"; text: string }
  | { type: "strong"; text: string }
  | { type: "code"; text: string }
  | { type: "link"; text: string; href: string; external: boolean };

export type Block =
  | { type: "paragraph"; lines: Inline[][] }
  | { type: "heading"; content: Inline[] }
  | { type: "list"; ordered: boolean; start: number; items: Inline[][][] };

const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g; // eslint-disable-line no-control-regex
/** Bidirectional overrides can make a link or a file name read backwards. */
const BIDI_OVERRIDES = /[\u202A-\u202E\u2066-\u2069]/g;

/** The address a link may have: http(s) anywhere, or a path on this site. Everything else is null. */
export function safeHref(target: string, origin: string): { href: string; external: boolean } | null {
  const trimmed = target.trim();
  const isPath = /^\/(?![/\\])/.test(trimmed);
  if (!isPath && !/^https?:\/\//i.test(trimmed)) return null;
  let url: URL;
  try {
    url = new URL(trimmed, origin);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "") return null;
  const external = url.origin !== origin;
  if (isPath && external) return null;
  return { href: external ? url.href : url.pathname + url.search + url.hash, external };
}

/** A label that itself looks like an address must not name another site than the one it leads to. */
function honestLabel(label: string, link: { href: string; external: boolean }): string {
  const named = /(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/iu.exec(label)?.[1];
  if (named === undefined) return label;
  if (!link.external) return link.href;
  const host = new URL(link.href).host;
  const bare = (name: string): string => name.toLowerCase().replace(/^www\./, "");
  return bare(named) === bare(host) ? label : link.href;
}

const INLINE =
  /\[(?<label>[^[\]\n]{1,300})\]\((?<target>[^()\s]{1,2000}(?:\([^()\s]*\)[^()\s]*)?)\)|\*\*(?<strong>[^*\n]+)\*\*|`(?<code>[^`\n]+)`|(?<url>https?:\/\/[^\s<>"'`]+)/giu;

/** Sentence punctuation after a bare address belongs to the sentence. */
function splitTrailing(address: string): [string, string] {
  const trailing = /[.,;:!?…\])}»”’]+$/u.exec(address)?.[0] ?? "";
  return [address.slice(0, address.length - trailing.length), trailing];
}

export function parseInline(line: string, origin: string): Inline[] {
  const parts: Inline[] = [];
  const addText = (text: string): void => {
    if (text === "") return;
    const last = parts.at(-1);
    if (last?.type === "text") last.text += text;
    else parts.push({ type: "text", text });
  };
  let position = 0;
  for (const match of line.matchAll(INLINE)) {
    addText(line.slice(position, match.index));
    position = match.index + match[0].length;
    const { label, target, strong, code, url } = match.groups ?? {};
    if (strong !== undefined) parts.push({ type: "strong", text: strong });
    else if (code !== undefined) parts.push({ type: "code", text: code });
    else if (label !== undefined && target !== undefined) {
      const link = safeHref(target, origin);
      if (link === null) addText(label);
      else parts.push({ type: "link", text: honestLabel(label, link), ...link });
    } else if (url !== undefined) {
      const [address, trailing] = splitTrailing(url);
      const link = safeHref(address, origin);
      if (link === null) addText(address);
      else parts.push({ type: "link", text: address, ...link });
      addText(trailing);
    }
  }
  addText(line.slice(position));
  return parts;
}

const NUMBERED = /^\s{0,3}(\d{1,3})[.)]\s+(.*)$/;
const BULLETED = /^\s{0,3}[-*•]\s+(.*)$/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*)$/;

export function parseBlocks(source: string, origin: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  const push = (block: Block): Block => {
    blocks.push(block);
    return block;
  };
  const clean = source.replace(/\r\n?/g, "\n").replace(CONTROL, "").replace(BIDI_OVERRIDES, "");
  let afterBlank = false;
  for (const line of clean.split("\n")) {
    if (line.trim() === "") {
      // A list may breathe: a blank line ends it only if no item follows.
      if (open?.type !== "list") open = null;
      afterBlank = true;
      continue;
    }
    const heading = HEADING.exec(line);
    const numbered = NUMBERED.exec(line);
    const bulleted = BULLETED.exec(line);
    if (heading) {
      push({ type: "heading", content: parseInline(heading[1] ?? "", origin) });
      open = null;
    } else if (numbered ?? bulleted) {
      const ordered = numbered !== null;
      const item = [parseInline((numbered ? numbered[2] : bulleted?.[1]) ?? "", origin)];
      if (open?.type === "list" && open.ordered === ordered) open.items.push(item);
      else open = push({ type: "list", ordered, start: ordered ? Number(numbered[1]) : 1, items: [item] });
    } else if (open?.type === "list" && (/^\s{2,}\S/.test(line) || !afterBlank)) {
      open.items.at(-1)?.push(parseInline(line.trim(), origin));
    } else if (open?.type === "paragraph") {
      open.lines.push(parseInline(line, origin));
    } else {
      open = push({ type: "paragraph", lines: [parseInline(line, origin)] });
    }
    afterBlank = false;
  }
  return blocks;
}
