/**
 * Drives a running Frontdesk in a browser, as a customer would: asks by the
 * form, follows the answer on the status page, checks its sources, hands the
 * ticket to a person. Every screen on the way is checked with axe in both themes.
 *
 *     BASE_URL=http://127.0.0.1:8080 node tests/e2e/run.mjs
 *
 * QUESTION and SUBJECT  what to ask; the knowledge must hold an answer.
 * REPLY_TIMEOUT_S       how long an answer may take, default 300.
 * SHOTS                 a folder for screenshots, default none.
 * CHROMIUM              the browser, default /usr/bin/chromium.
 */
import { mkdir } from "node:fs/promises";
import { launchBrowser, openContext } from "./browser.mjs";
import { assert, Report } from "./report.mjs";

const base = process.env.BASE_URL?.replace(/\/+$/, "");
if (base === undefined || base === "") {
  console.error("Set BASE_URL to the address of a running Frontdesk, for example http://127.0.0.1:8080.");
  process.exit(2);
}
const question = process.env.QUESTION ?? "How can I export a report, or have it sent to me on a schedule?";
const subject = process.env.SUBJECT ?? "Exporting a report";
const replyTimeout_ms = Number(process.env.REPLY_TIMEOUT_S ?? 300) * 1000;
if (process.env.SHOTS !== undefined) await mkdir(process.env.SHOTS, { recursive: true });

const REFERENCE = /^[A-Z]{1,8}-\d{8}-[A-Z0-9]{4}$/;
const report = new Report();
const browser = await launchBrowser();
const { context, page, findings, checkAccessibility } = await openContext(browser, base);
const api = context.request;
const submission = {
  name: "Amara Okafor",
  email: "amara.okafor@example.com",
  subject,
  category: "technical",
  message: question,
  priority: "medium",
};

/** Filled in as the customer goes along. */
let reference = "";
let token = "";

await report.step("the page keeps to its own server and allows no inline code", async () => {
  const response = await page.goto(base);
  assert(response?.status() === 200, `the form answers ${response?.status()}`);
  const policy = response.headers()["content-security-policy"] ?? "";
  assert(policy.includes("default-src 'self'"), `content policy: "${policy}"`);
  assert(!policy.includes("unsafe-inline") && !policy.includes("unsafe-eval"), `content policy: "${policy}"`);
  await page.waitForSelector("#field-message");
  const missing = await api.get(`${base}/assets/no-such-file.js`);
  assert(missing.status() === 404, `a missing asset answers ${missing.status()}`);
});

await report.step("the form is accessible", () => checkAccessibility("form"));

await report.step("an empty form names its mistakes and sends nothing", async () => {
  await page.click("form button[type=submit]");
  await page.waitForSelector("[role=alert] a");
  const links = await page.locator("[role=alert] a").count();
  assert(links === 5, `${links} mistakes are linked, 5 expected`);
  await page.waitForFunction(() => document.activeElement?.id === "field-name");
  await checkAccessibility("form-invalid");
});

await report.step("a request can be filled in and sent with the keyboard alone", async () => {
  await page.reload();
  await page.waitForSelector("#field-name");
  await page.focus("#field-name");
  const type = async (text) => {
    await page.keyboard.insertText(text);
    await page.keyboard.press("Tab");
  };
  await type(submission.name);
  await type(submission.email);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  if (await page.locator("#field-plan").count()) await page.keyboard.press("Tab");
  await type(subject);
  await type(question);
  assert((await page.inputValue("#field-message")) === question, "the message is not where it belongs");
  await page.keyboard.press("Enter");
  await page.waitForSelector("a[href^='/status/']", { timeout: 30_000 });
  const link = await page.getAttribute("a[href^='/status/']", "href");
  [reference, token] = link.replace("/status/", "").split("#");
  assert(REFERENCE.test(reference), `reference: "${reference}"`);
  assert(token.length >= 16, "the status token is missing or too short to be unguessable");
  await checkAccessibility("received");
});

await report.step("the status page shows the question and how the work goes", async () => {
  await page.click("a[href^='/status/']");
  await page.waitForSelector("[data-role=customer]");
  const shown = await page.innerText("[data-role=customer]");
  assert(shown.includes(question), "the question is not shown");
  await page.waitForSelector("[data-stage]");
});

let sawDraft = false;
await report.step("the assistant's answer arrives by itself", async () => {
  const draft = page
    .waitForSelector("[data-draft]", { timeout: replyTimeout_ms })
    .then(() => (sawDraft = true))
    .catch(() => undefined);
  await page.waitForSelector("[data-role=assistant]", { timeout: replyTimeout_ms });
  void draft;
  const badge = await page.locator("[data-role=assistant]").first().innerText();
  assert(/\bAI\b/.test(badge), "the answer does not say that an AI wrote it");
  await checkAccessibility("answered");
});
console.log(`  (sentences were ${sawDraft ? "" : "not "}seen while the answer was written)`);

await report.step("the answer names its sources, and each one opens", async () => {
  const sources = page.locator("[data-role=assistant] section li a");
  const count = await sources.count();
  assert(count > 0, "no source is linked");
  for (const href of await sources.evaluateAll((links) => links.map((link) => link.href))) {
    assert(href.startsWith(`${base}/`), `a source leads elsewhere: ${href}`);
    const response = await api.get(href);
    assert(response.ok(), `${href} answers ${response.status()}`);
  }
});

await report.step("a reload shows the same answer", async () => {
  const before = await page.locator("[data-role=assistant]").first().innerText();
  await page.reload();
  await page.waitForSelector("[data-role=assistant]");
  const after = await page.locator("[data-role=assistant]").first().innerText();
  assert(before === after, "the answer changed");
});

await report.step("without the right token nothing is shown", async () => {
  const wrong = await api.get(`${base}/support/ticket/${reference}?token=${"x".repeat(token.length)}`);
  assert(wrong.status() === 404, `a wrong token answers ${wrong.status()}`);
  const none = await api.get(`${base}/support/ticket/${reference}`);
  assert(none.status() === 401, `no token answers ${none.status()}`);
  const stranger = await context.newPage();
  await stranger.goto(`${base}/status/${reference}#wrong-token-wrong-token`);
  await stranger.waitForSelector("h1:not(.sr-only)");
  const text = await stranger.innerText("main");
  await stranger.close();
  assert(!text.includes(question), "the question is shown to a stranger");
});

await report.step("the customer can have a person instead", async () => {
  await page.click("text=get me a person");
  await page.fill("#feedback-comment", "I would rather speak with someone about this.");
  await checkAccessibility("handing-over");
  await page.click("form:has(#feedback-comment) button[type=submit]");
  await page.waitForSelector("[data-stage=with_a_person]", { timeout: 30_000 });
  const ticket = await (await api.get(`${base}/support/ticket/${reference}?token=${token}`)).json();
  assert(ticket.status === "escalated", `the ticket's status is ${ticket.status}`);
  assert(ticket.feedback === "not_helped", `the ticket's feedback is ${ticket.feedback}`);
});

await report.step("a further message is kept, and still there after a reload", async () => {
  const more = "One more thing: it is the account of our workspace's owner.";
  await page.fill("#reply-message", more);
  await page.keyboard.press("Control+Enter");
  await page.waitForFunction((text) => document.querySelector("ol")?.closest("main")?.innerText.includes(text), more);
  await page.waitForFunction(() => document.querySelector("#reply-message")?.value === "");
  await page.reload();
  await page.waitForSelector(`[data-role=customer]:has-text("${more}")`);
  const copies = await page.locator(`[data-role=customer]:has-text("${more}")`).count();
  assert(copies === 1, `the message is shown ${copies} times`);
  await checkAccessibility("with-a-person");
});

await report.step("the same request sent twice is filed once", async () => {
  const send = () =>
    api.post(`${base}/support/submit`, { data: submission, headers: { "idempotency-key": `e2e-${token.slice(0, 16)}` } });
  const [first, second] = [await (await send()).json(), await (await send()).json()];
  assert(REFERENCE.test(first.ticket_id), `the first answer has no reference: ${JSON.stringify(first)}`);
  assert(first.ticket_id === second.ticket_id, `two tickets: ${first.ticket_id} and ${second.ticket_id}`);
});

await report.step("a bad request is refused field by field", async () => {
  const response = await api.post(`${base}/support/submit`, { data: { ...submission, email: "nobody", message: "short" } });
  assert(response.status() === 422, `it answers ${response.status()}`);
  const fields = ((await response.json()).errors ?? []).map(({ field }) => field).sort();
  assert(fields.join() === "email,message", `the fields named are: ${fields.join()}`);
});

await report.step("an unknown page says so", async () => {
  await page.goto(`${base}/status/NOT-A-REFERENCE#x`);
  await page.waitForSelector("h1:not(.sr-only)");
  await checkAccessibility("bad-reference");
});

await report.step("nothing broke on the way", () => {
  assert(findings.length === 0, findings.join("; "));
});

await browser.close();
process.exit(report.finish());
