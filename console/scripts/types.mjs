/**
 * Writes src/api/openapi.d.ts from openapi.json, the interface as the program describes it (`frontdesk openapi > openapi.json`; a test
 * of the program fails when that file is not what it says). With `--check` it only says whether the written types still fit.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const FILE = at("../src/api/openapi.d.ts");
const described = JSON.parse(readFileSync(at("../openapi.json"), "utf8"));
const text = `/* Written by scripts/types.mjs from openapi.json; not by hand. */\n${astToString(await openapiTS(described))}`;
if (process.argv.includes("--check")) {
  const isSame = existsSync(FILE) && readFileSync(FILE, "utf8") === text;
  console.log(isSame ? "the types fit the interface" : "the interface has changed: npm run types");
  process.exit(isSame ? 0 : 1);
}
writeFileSync(FILE, text);
