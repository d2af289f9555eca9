/** Fails when widget.js is over its budget or carries a framework. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 30;
const file = fileURLToPath(new URL("../dist/widget.js", import.meta.url));
if (!existsSync(file)) {
  console.log("widget: nothing built yet, nothing to weigh (npm run build)");
  process.exit(0);
}
const code = readFileSync(file);
const kb = gzipSync(code).length / 1000;
const hasFramework = /react\.element|__REACT/u.test(code.toString("utf8"));
console.log(`widget: ${kb.toFixed(1)} kB of ${BUDGET_KB} kB, compressed${hasFramework ? "; a framework is in it" : ""}`);
process.exit(kb > BUDGET_KB || hasFramework ? 1 : 0);
