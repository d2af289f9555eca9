/** Which page an address means. Pure. */

export type Route =
  | { page: "form" }
  | { page: "status"; reference: string; token: string }
  | { page: "not_found" };

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The token travels in the fragment, which browsers never send: it stays out of logs and referrers. */
export function routeOf(pathname: string, hash: string): Route {
  const path = pathname.replace(/\/+$/, "");
  if (path === "" || path === "/index.html") return { page: "form" };
  const match = /^\/status\/([^/]+)$/.exec(path);
  if (match?.[1] === undefined) return { page: "not_found" };
  return { page: "status", reference: decode(match[1]).trim(), token: decode(hash.replace(/^#/, "")) };
}
