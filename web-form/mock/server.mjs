/**
 * Serves dist/ and the mock contract as the binary will: the same routes, the
 * same content policy. `node mock/server.mjs [port]`, default 4010.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { createMock } from "./handler.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const HEADERS = {
  "content-security-policy": "default-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
};

async function serveFile(path, response) {
  const isPage = !path.startsWith("/assets/");
  const file = join(DIST, isPage ? "index.html" : normalize(path));
  try {
    const content = await readFile(file);
    response.writeHead(200, { ...HEADERS, "content-type": `${TYPES[extname(file)] ?? "application/octet-stream"}; charset=utf-8` });
    response.end(content);
  } catch {
    response.writeHead(404, HEADERS);
    response.end();
  }
}

/** Resolves with the server once it listens; port 0 picks a free one. */
export function startMock(port, options) {
  const handle = createMock(options);
  const server = createServer((request, response) => {
    void handle(request, response).then((isHandled) => {
      if (!isHandled) void serveFile(new URL(request.url ?? "/", "http://mock").pathname, response);
    });
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startMock(Number(process.argv[2] ?? 4010));
  console.log(`http://127.0.0.1:${server.address().port}/`);
}
