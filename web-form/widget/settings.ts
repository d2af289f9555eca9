/** What a page says about the widget: by attributes on the element, or on the script for the launcher. */

/** The box that served this script; null when it cannot be told (a bundler took it in). */
export function originOfScript(script: unknown): string | null {
  const source = script instanceof HTMLScriptElement ? script.src : "";
  try {
    return source === "" ? null : new URL(source).origin;
  } catch {
    return null;
  }
}

/** The box's origin from an attribute, if it is an http(s) address; whatever else stands there is refused. */
export function readOrigin(attribute: string | null, fallback: string | null): string | null {
  if (attribute === null || attribute.trim() === "") return fallback;
  try {
    const url = new URL(attribute.trim());
    return url.protocol === "https:" || url.protocol === "http:" ? url.origin : null;
  } catch {
    return null;
  }
}

/** A link of the box as seen from another site; null for anything that is no http(s) link. */
export function linkTo(target: string | null, origin: string): string | null {
  if (target === null) return null;
  try {
    const url = new URL(target, `${origin}/`);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}
