/**
 * Puts the built pages into every state, at phone and desktop width, light and
 * dark; checks each with axe, for a broken content policy, for requests that
 * leave this machine and for sideways scrolling; and saves a screenshot of each
 * under shots/. Exits non-zero on a finding.
 *
 *     npm run build && npm run states [-- name-part ...]
 */
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { startMock } from "../mock/server.mjs";
import { launchBrowser } from "./browser.mjs";

const SHOTS = fileURLToPath(new URL("../shots/", import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [390, 1440];
const THEMES = ["light", "dark"];

const LONG_TEXT = "The weekly report stays empty after I choose a date range. I expected the list of finished tasks.";

async function fill(page, values = {}) {
  const all = { name: "Amara Okafor", email: "amara@example.com", subject: "How do I export the weekly report?", message: LONG_TEXT, ...values };
  for (const [field, value] of Object.entries(all)) await page.fill(`#field-${field}`, value);
  await page.selectOption("#field-category", "technical");
}

const send = (page) => page.click("form button[type=submit]");
const openTicket = (suffix, token = "demo") => async (page, base) => {
  await page.goto(`${base}/status/TF-20261122-${suffix}#${token}`);
  await page.waitForSelector("h1");
};
const submitAs = (local) => async (page, base) => {
  await page.goto(base);
  await fill(page, { email: `${local}@example.com` });
  await send(page);
  await page.waitForSelector("[role=alert]");
};

const STATES = {
  "form-idle": (page, base) => page.goto(base),
  "form-loading": async (page, base) => {
    await page.route("**/support/config", () => undefined);
    await page.goto(base);
    await page.waitForSelector("[aria-busy=true]");
  },
  "form-filled": async (page, base) => {
    await page.goto(base);
    await fill(page);
    await page.focus("#field-subject");
  },
  "form-invalid": async (page, base) => {
    await page.goto(base);
    await page.waitForSelector("#field-email");
    await page.fill("#field-email", "amara@example");
    await send(page);
    await page.waitForSelector("[role=alert]");
  },
  "form-sending": async (page, base) => {
    await page.goto(base);
    await fill(page, { email: "slow@example.com" });
    await send(page);
    await page.waitForSelector("[aria-busy=true]");
  },
  "form-rate-limited": submitAs("limit"),
  "form-unavailable": submitAs("busy"),
  "form-too-large": submitAs("large"),
  "form-server-error": submitAs("broken"),
  "form-refused": submitAs("invalid"),
  "form-offline": async (page, base) => {
    await page.goto(base);
    await fill(page);
    await page.context().setOffline(true);
    await send(page);
    await page.waitForSelector("[role=alert]");
  },
  "form-received": async (page, base) => {
    await page.goto(base);
    await fill(page);
    await send(page);
    await page.waitForSelector("text=We have your request");
  },
  "status-loading": async (page, base) => {
    await page.goto(`${base}/status/TF-20261122-SLOW#demo`);
    await page.waitForSelector("[aria-busy=true]");
  },
  "status-received": openTicket("WAIT"),
  "status-searching": openTicket("SRCH"),
  "status-writing": async (page, base) => {
    await openTicket("WRIT")(page, base);
    await page.waitForSelector("[data-draft]");
  },
  "status-checking": async (page, base) => {
    await openTicket("CHCK")(page, base);
    await page.waitForSelector("[data-draft]");
  },
  "status-answered": openTicket("ANSW"),
  "status-handing-over": async (page, base) => {
    await openTicket("ANSW")(page, base);
    await page.click("text=get me a person");
    await page.waitForSelector("#feedback-comment");
  },
  "status-helped": openTicket("HELP"),
  "status-not-helped": openTicket("NOPE"),
  "status-person": openTicket("PERS"),
  "status-failed": openTicket("FAIL"),
  "status-closed": openTicket("CLSD"),
  "status-long": openTicket("LONG"),
  "status-arabic": async (page, base) => {
    await openTicket("ARAB")(page, base);
    await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  },
  "status-reply-failed": async (page, base) => {
    await openTicket("ANSW")(page, base);
    await page.fill("#reply-message", "fail: it still does not work");
    await page.click("form button[type=submit]");
    await page.waitForSelector("[role=alert]");
  },
  "status-retracted": async (page, base) => {
    await openTicket("RETR")(page, base);
    await page.waitForSelector("[data-draft]");
  },
  "status-offline": async (page, base, server) => {
    await openTicket("WRIT")(page, base);
    await page.waitForSelector("[data-draft]");
    await page.context().setOffline(true);
    server.closeAllConnections();
    await page.waitForSelector("text=You are offline");
  },
  "status-reconnecting": async (page, base, server) => {
    await openTicket("WRIT")(page, base);
    await page.waitForSelector("[data-draft]");
    await page.route("**/support/ticket/**", (route) => route.abort());
    server.closeAllConnections();
    await page.waitForSelector("text=Reconnecting");
  },
  "status-not-found": openTicket("ANSW", "wrong"),
  "status-no-token": openTicket("ANSW", ""),
  "status-bad-reference": async (page, base) => {
    await page.goto(`${base}/status/nonsense#demo`);
    await page.waitForSelector("h1");
  },
  "status-server-down": openTicket("DOWN"),
  "page-not-found": async (page, base) => {
    await page.goto(`${base}/nowhere`);
    await page.waitForSelector("h1");
  },
};

/** States that are expected to log a failed request. */
const NETWORK_NOISE = /Failed to load resource|net::ERR/;

async function check(browser, server, name, width, theme) {
  const findings = [];
  const base = `http://127.0.0.1:${server.address().port}`;
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: theme,
    reducedMotion: "reduce",
    deviceScaleFactor: width < 600 ? 2 : 1,
    hasTouch: width < 600,
    bypassCSP: false,
    timezoneId: "Europe/Berlin",
  });
  const page = await context.newPage();
  page.on("console", (entry) => {
    if (entry.type() === "error" && !NETWORK_NOISE.test(entry.text())) findings.push(`console: ${entry.text()}`);
  });
  page.on("pageerror", (error) => findings.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) findings.push(`request elsewhere: ${request.url()}`);
  });
  await STATES[name](page, base, server);
  await page.evaluate(async () => void (await document.fonts.ready));
  if (!name.endsWith("loading")) await page.waitForSelector(".skeleton", { state: "detached" });
  await page.screenshot({ path: `${SHOTS}${name}-${width}-${theme}.png`, fullPage: true });
  const isSideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  if (isSideways) findings.push("scrolls sideways");
  // Through the debugging protocol, so that the page's content policy stays in force.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const { id, impact, nodes } of violations) {
    findings.push(`axe ${impact}: ${id} at ${nodes.map((node) => node.target.join(" ")).join(", ").slice(0, 200)}`);
  }
  await context.close();
  return findings;
}

const wanted = process.argv.slice(2);
const names = Object.keys(STATES).filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
await mkdir(SHOTS, { recursive: true });
const browser = await launchBrowser();
let passed = 0;
let failed = 0;
for (const name of names) {
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      // A server for each, so that what one state sends does not show in the next.
      const server = await startMock(0, { stepMs: 60_000 });
      const findings = await check(browser, server, name, width, theme).catch((error) => [
        error.message,
      ]);
      server.closeAllConnections();
      server.close();
      if (findings.length === 0) passed += 1;
      else {
        failed += 1;
        console.log(`${name} ${width} ${theme}`);
        for (const finding of new Set(findings)) console.log(`  ${finding}`);
      }
    }
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
