/** Fails when the first load (what index.html and the inbox need, fonts included) is over its budget. Run `npm run build` first. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 250;
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const manifestPath = `${DIST}.vite/manifest.json`;
if (!existsSync(manifestPath)) {
  console.log("budget: nothing built yet, nothing to weigh (npm run build)");
  process.exit(0);
}
const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
const files = new Set(["index.html"]);
const visit = (key) => {
  const chunk = manifest[key];
  if (chunk === undefined || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) visit(imported);
};
visit("index.html");
for (const lazy of ["src/inbox/inbox.tsx", "src/conversation/conversation-screen.tsx"]) {
  if (manifest[lazy] === undefined) throw new Error(`${lazy} is no chunk of its own any more`);
  visit(lazy);
}
// Of the fonts only the Latin one is needed for the first words.
for (const { file } of Object.values(manifest)) if (/inter-latin-wght.*\.woff2$/u.test(file)) files.add(file);

let total = 0;
for (const file of files) {
  const bytes = readFileSync(DIST + file);
  total += file.endsWith(".woff2") ? bytes.length : gzipSync(bytes).length;
}
const kb = total / 1000;
console.log(`budget: first load ${kb.toFixed(1)} kB of ${BUDGET_KB} kB, compressed, ${files.size} files`);
process.exit(kb > BUDGET_KB ? 1 : 0);
