/**
 * Types from the interface that a running box describes: `FRONTDESK_URL=http://127.0.0.1:8080 npm run types` writes
 * src/api/openapi.d.ts; with `--check` it only says whether the committed file still fits.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const FILE = fileURLToPath(new URL("../src/api/openapi.d.ts", import.meta.url));
const source = process.env.FRONTDESK_OPENAPI ?? `${process.env.FRONTDESK_URL ?? "http://127.0.0.1:8080"}/api/openapi.json`;
const isFile = !/^https?:/u.test(source);
const text = `/* Written by scripts/types.mjs from /api/openapi.json; not by hand. */\n${astToString(await openapiTS(isFile ? JSON.parse(readFileSync(source, "utf8")) : new URL(source)))}`;
if (process.argv.includes("--check")) {
  const isSame = existsSync(FILE) && readFileSync(FILE, "utf8") === text;
  console.log(isSame ? "the types fit the interface" : "the interface has changed: npm run types");
  process.exit(isSame ? 0 : 1);
}
writeFileSync(FILE, text);
