/**
 * The console, the form and the widget in Chromium against the real program: first run to first approved reply, form to answer, a draft
 * voided by a new message, take-overs in a race, roles, lock-out, sites that may hold the widget and that may not, and a corpus of stored
 * scripts that must do nothing. Exits non-zero on a failure.
 *
 *     FRONTDESK_BINARY=target/debug/frontdesk npm run e2e:real [-- name-part ...]
 */
import { createServer } from "node:http";
import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage } from "./browser.mjs";
import { Caller, PASSWORD, setUp, signedIn, startBox, submit, until, writeAgain } from "./box.mjs";
import { PAYLOADS } from "./xss.mjs";

const KNOWLEDGE = fileURLToPath(new URL("../../../assets/demo/knowledge", import.meta.url));
const SHOTS = fileURLToPath(new URL("../../shots/", import.meta.url));
const firstRow = "section[aria-label=Conversations] li a";

function must(isTrue, message) {
  if (!isTrue) throw new Error(message);
}

async function enter(page, box, name, to = "/inbox") {
  await page.goto(`${box.base}${to}`);
  await page.fill("input[autocomplete=username]", name);
  await page.fill("input[type=password]", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav[aria-label=Console]");
}
const messages = "section[aria-label=Messages]";
const detailOf = (caller, reference) => caller.get(`/api/conversations/${reference}`);
const heldDraft = (caller, reference) =>
  until(() => detailOf(caller, reference), ({ assistant }) => assistant.draft?.state === "held" && !assistant.draft.void, `a draft of ${reference} that waits`);
const draftsOnly = (caller) => caller.must("PUT", "/api/autonomy", { entries: [{ channel: "web", intent: null, level: "draft" }] });

/** Each gets a page that notes what must not happen. */
const SCENES = {
  "first-run": async ({ open }) => {
    const box = await startBox();
    const page = await open(box);
    await page.goto(`${box.base}/`);
    await page.waitForSelector("text=first administrator");
    await page.fill("input[autocomplete=username]", "Ada Moreau");
    await page.fill("input[type=password]", PASSWORD);
    await page.click("text=Go on");
    await page.getByLabel("Company", { exact: true }).fill("TaskFlow");
    await page.getByLabel("Product").fill("TaskFlow");
    await page.getByLabel("Support address").fill("support@taskflow.example");
    await page.click("text=Set up the box");
    await page.waitForSelector("text=Drop documents here");
    // Dropped, as from a folder window.
    const text = await readFile(`${KNOWLEDGE}/core-features.md`, "utf8");
    const dropped = await page.evaluateHandle((body) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([body], "core-features.md", { type: "text/markdown" }));
      return transfer;
    }, text);
    await page.dispatchEvent("label:has(input[type=file])", "drop", { dataTransfer: dropped });
    await page.waitForSelector("text=1 of 1 read");
    await page.click("text=Go on");
    await page.waitForSelector("text=Where do customers write?");
    await page.click("text=Go on");
    await page.getByLabel("A first question").fill("How do I create a task?");
    await page.click("button:has-text('Ask')");
    await page.waitForSelector("text=As it would be sent");
    await page.click("text=Open the console");
    await page.waitForSelector("text=/All caught up|Nothing here|No conversations/u");

    // Drafts wait for a person; set where an administrator sets it.
    await page.goto(`${box.base}/settings/autonomy`);
    await page.getByLabel("Web form, everything").selectOption("draft");
    await page.click("button:has-text('Save')");
    await page.waitForSelector("text=It holds from the next message on");
    await page.goto(`${box.base}/inbox?view=needs_approval`);
    await page.waitForSelector("section[aria-label=Conversations]");

    const form = await open(box);
    await form.goto(box.url);
    await form.fill("#field-name", "Amara Okafor");
    await form.fill("#field-email", "amara@example.com");
    await form.fill("#field-subject", "Creating a task");
    await form.fill("#field-message", "How do I create a task?");
    await form.selectOption("#field-category", "technical");
    await form.click("form button[type=submit]");
    await form.getByRole("link", { name: "Follow your request" }).click();
    await form.waitForSelector("article");

    // The row and its draft come by themselves.
    await page.click(firstRow);
    await page.waitForSelector("text=Draft, not sent");
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("text=Draft, not sent", { state: "detached" });
    await page.waitForSelector(`${messages} >> text=task`);
    // After the ten seconds in which it can be called back.
    await form.waitForSelector("article:has-text('task') >> text=/Assistant|support team/u");
    await box.stop();
  },

  "form-to-answer": async ({ open }) => {
    const box = await startBox({}, KNOWLEDGE);
    const ada = await setUp(box);
    const page = await open(box);
    await enter(page, box, "Ada Moreau", "/inbox?view=all");
    const ticket = await submit(box, { subject: "Export", message: "How do I export my data?" });
    const customer = await open(box);
    await customer.goto(ticket.page);
    await customer.waitForSelector("article:has-text('Export')");
    await page.waitForSelector(`${firstRow} >> text=Export`);
    const detail = await until(() => detailOf(ada, ticket.reference), ({ thread }) => thread.some((item) => item.kind === "message" && item.role === "assistant"), "an answer");
    must(detail.assistant.draft.sources.length > 0, "the answer has no source");
    await page.goto(`${box.base}/inbox/${ticket.reference}`);
    await page.waitForSelector(`${messages} >> text=Assistant, automatic`);
    await box.stop();
  },

  "draft-voided": async ({ open }) => {
    const box = await startBox({}, KNOWLEDGE);
    const ada = await setUp(box);
    await draftsOnly(ada);
    const ticket = await submit(box, { subject: "Export" });
    const before = await heldDraft(ada, ticket.reference);
    const page = await open(box);
    await enter(page, box, "Ada Moreau", `/inbox/${ticket.reference}`);
    await page.waitForSelector("text=Draft, not sent");
    // What the assistant makes of the new message must not arrive before the page was seen: it is asked directly.
    await writeAgain(box, ticket, "Wait, I meant importing from another tool.");
    const late = await ada.call("POST", `/api/conversations/${ticket.reference}/approve`, { draft_id: before.assistant.draft.id, seen_message_id: before.newest_message_id });
    must(late.status === 409 && late.body.code === "draft_void", `the old draft could be approved: ${late.status} ${late.body.code}`);
    await page.waitForSelector(`${messages} >> text=I meant importing`);
    await page.waitForFunction((old) => !document.querySelector("section[aria-label='The assistant’s draft']")?.textContent?.includes(old), before.assistant.draft.sentences[0].text);
    must((await detailOf(ada, ticket.reference)).thread.every((item) => item.role !== "assistant" || !item.text?.includes(before.assistant.draft.body)), "the void draft was sent");
    await box.stop();
  },

  "take-over-in-a-race": async ({ open }) => {
    const box = await startBox({}, KNOWLEDGE);
    const ada = await setUp(box);
    const races = await Promise.all(Array.from({ length: 24 }, async (_, index) => {
      const ticket = await submit(box, { email: `race-${index}@example.com`, subject: `Race ${index}` });
      // At another moment of the assistant's work each time.
      await new Promise((resolve) => setTimeout(resolve, index * 4));
      const taken = await ada.call("POST", `/api/conversations/${ticket.reference}/take-over`, {});
      must(taken.status === 200, `take-over: ${taken.status} ${JSON.stringify(taken.body)}`);
      return { ticket, silentFrom: new Set((await detailOf(ada, ticket.reference)).thread.filter((item) => item.role === "assistant").map((item) => item.id)) };
    }));
    await until(() => ada.get("/api/system"), ({ queue }) => queue.waiting + queue.leased === 0, "an empty queue");
    let won = 0;
    for (const { ticket, silentFrom } of races) {
      const { thread } = await detailOf(ada, ticket.reference);
      const after = thread.filter((item) => item.kind === "message" && item.role === "assistant" && !silentFrom.has(item.id));
      must(after.length === 0, `the assistant spoke after ${ticket.reference} was taken over`);
      if (thread.every((item) => item.role !== "assistant" || item.delivery === "cancelled")) won += 1;
    }
    must(won > 0, "no take-over came before the answer: the race was never run");
    // On the page: taken over by one click, the assistant silent on what comes next.
    const { ticket } = races[0];
    const page = await open(box);
    await enter(page, box, "Ada Moreau", `/inbox/${ticket.reference}`);
    await page.waitForSelector("text=Hand back");
    await writeAgain(box, ticket, "Are you still there? How do I export my data?");
    await page.waitForSelector(`${messages} >> text=Are you still there?`);
    await until(() => ada.get("/api/system"), ({ queue }) => queue.waiting + queue.leased === 0, "an empty queue");
    must((await detailOf(ada, ticket.reference)).thread.every((item) => item.role !== "assistant" || item.delivery === "cancelled"), "the assistant talked over a person");
    await box.stop();
  },

  roles: async ({ open }) => {
    const box = await startBox({}, KNOWLEDGE);
    const ada = await setUp(box);
    for (const [name, role] of [["Vera Holm", "viewer"], ["Tomasz Lis", "operator"]]) await ada.must("POST", "/api/users", { name, role, password: PASSWORD });
    const ticket = await submit(box, {});
    const refused = async (caller, method, path, body) => {
      const answer = await caller.call(method, path, body);
      must(answer.status === 403, `${method} ${path} answers ${answer.status}`);
    };
    const viewer = await signedIn(box, "Vera Holm");
    await refused(viewer, "POST", `/api/conversations/${ticket.reference}/reply`, { text: "Hello" });
    await refused(viewer, "POST", `/api/conversations/${ticket.reference}/take-over`, {});
    await refused(viewer, "POST", "/api/macros", { name: "a", body: "b" });
    await refused(viewer, "GET", "/api/users");
    const operator = await signedIn(box, "Tomasz Lis");
    await refused(operator, "GET", "/api/users");
    await refused(operator, "PUT", "/api/autonomy", { entries: [] });
    await refused(operator, "GET", "/api/tokens");
    must((await new Caller(box).call("GET", "/api/conversations?view=all")).status === 401, "the inbox opens without a session");
    const seen = await open(box);
    await enter(seen, box, "Vera Holm", `/inbox/${ticket.reference}`);
    await seen.waitForSelector("text=Your role is viewer");
    must((await seen.locator("textarea").count()) === 0, "a viewer can write");
    await seen.goto(`${box.base}/settings/users`);
    await seen.waitForSelector("text=Your role does not allow this");
    const page = await open(box);
    await enter(page, box, "Tomasz Lis", `/inbox/${ticket.reference}`);
    await page.waitForSelector("textarea, button:has-text('Reply')");
    await page.goto(`${box.base}/settings/users`);
    await page.waitForSelector("text=Your role does not allow this");
    await box.stop();
  },

  "lock-out": async ({ open }) => {
    const box = await startBox();
    await setUp(box);
    const page = await open(box);
    await page.goto(`${box.base}/sign-in`);
    await page.fill("input[autocomplete=username]", "Ada Moreau");
    for (let tries = 0; tries < 5; tries += 1) {
      await page.fill("input[type=password]", `wrong number ${tries}`);
      const answered = page.waitForResponse((response) => response.url().endsWith("/api/session") && response.request().method() === "POST");
      await page.keyboard.press("Enter");
      must((await answered).status() === 401, "a wrong password is not refused");
    }
    await page.fill("input[type=password]", PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]:has-text('Too many tries')");
    // Nobody learns which names there are: an unknown one is locked the same way.
    const stranger = new Caller(box);
    for (let tries = 0; tries < 5; tries += 1) await stranger.call("POST", "/api/session", { name: "Nobody", password: "wrong number" });
    must((await stranger.call("POST", "/api/session", { name: "Nobody", password: "wrong number" })).status === 429, "an unknown name is not locked");
    await box.stop();
  },

  widget: async ({ open }) => {
    const sites = [];
    let box;
    while (sites.length < 2) {
      const server = createServer((request, response) => {
        if (request.url !== "/") return void response.writeHead(404).end();
        response.writeHead(200, { "content-type": "text/html", "content-security-policy": `default-src 'none'; script-src ${box.url}; connect-src ${box.url}` });
        response.end(`<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><frontdesk-form></frontdesk-form></main><script src="${box.url}/widget.js" async></script></html>`);
      });
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      sites.push({ server, origin: `http://127.0.0.1:${server.address().port}` });
    }
    const [allowed, other] = sites;
    box = await startBox({ "server.widget_origins": `["${allowed.origin}"]` }, KNOWLEDGE);
    const page = await open(box, { elsewhere: allowed.origin });
    await page.goto(allowed.origin);
    const form = page.locator("frontdesk-form");
    await form.getByLabel("Your name").fill("Amara Okafor");
    await form.getByLabel("Email").fill("amara@example.com");
    await form.getByLabel("Subject").fill("Export");
    await form.getByLabel("How can we help?").fill("How do I export my data?");
    await form.getByLabel("What is it about?").selectOption({ index: 1 });
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText("Assistant (AI)").first().waitFor();
    const strange = await open(box, { elsewhere: other.origin, expected: /CORS policy|Failed to load/u });
    const answered = strange.waitForEvent("requestfailed", (request) => request.url().includes("/support/"));
    await strange.goto(other.origin);
    await answered;
    must((await strange.locator("frontdesk-form").getByRole("button", { name: "Send" }).count()) === 0 || (await strange.evaluate(async (url) => fetch(`${url}/support/submit`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }).then(() => "answered", () => "refused"), box.url)) === "refused", "a site that is not allowed can send");
    for (const { server } of sites) { server.closeAllConnections(); server.close(); }
    await box.stop();
  },

  "stored-scripts": async ({ open, page: shot }) => {
    const box = await startBox();
    const ada = await setUp(box);
    const tickets = [];
    for (const [index, payload] of PAYLOADS.entries()) {
      tickets.push(await submit(box, { name: payload.slice(0, 90), email: `x${index}@example.com`, subject: payload, message: `${payload}\n\nHow do I export? ${payload}` }));
    }
    const files = new FormData();
    files.append("file", new Blob([PAYLOADS.map((payload, index) => `## Part ${index} ${payload}\n\nHow to export number ${index}: ${payload} and then wait for the mail.\n`).join("\n")]), "export.md");
    files.append("file", new Blob([`<html><head><title>${PAYLOADS[9]}</title></head><body><h1>Import</h1>${PAYLOADS.join("<p>How to import</p>")}</body></html>`]), "import.html");
    const uploaded = await fetch(`${box.url}/api/knowledge/documents`, { method: "POST", headers: { "x-frontdesk-console": "1", cookie: ada.cookie }, body: files });
    must(uploaded.status === 202, `upload: ${uploaded.status} ${await uploaded.text()}`);
    for (const [index, payload] of PAYLOADS.entries()) {
      if (index % 4 === 0) await ada.must("POST", "/api/macros", { name: `${index} ${payload}`.slice(0, 99), body: payload });
      const { reference } = tickets[index];
      await ada.must("POST", `/api/conversations/${reference}/notes`, { text: payload });
      await ada.must("POST", `/api/conversations/${reference}/labels`, { labels: [`l${index}`] });
    }
    await until(() => ada.get("/api/system"), ({ queue }) => queue.waiting + queue.leased === 0, "an empty queue", 60_000);
    const page = await open(box, { elsewhere: null });
    shot(page);
    const check = async (where) => {
      const found = await page.evaluate(() => ({ taken: window.__taken, made: [...document.querySelectorAll("[onerror],[onload],[onfocus],[ontoggle],[onbegin],iframe[srcdoc],object,embed,marquee,base,a[href^='javascript:' i],a[href^='data:' i]")].map((element) => element.outerHTML), url: location.origin }));
      must(found.taken === undefined && found.made.length === 0 && found.url === box.origin, `${where}: ${JSON.stringify(found)}`);
    };
    await enter(page, box, "Ada Moreau", "/inbox?view=all");
    await page.waitForSelector(firstRow);
    await check("inbox");
    for (const { reference } of tickets) {
      // Within the page, as by clicking a row: everything is drawn anew.
      await page.evaluate((to) => { history.pushState({}, "", to); dispatchEvent(new PopStateEvent("popstate")); }, `/console/inbox/${reference}?view=all`);
      await page.waitForSelector(`article header .font-mono:has-text('${reference}')`);
      await page.waitForSelector(`${messages} >> text=Internal note, never sent`);
      await check(reference);
    }
    // A macro, shown as its Markdown would look.
    const macros = (await ada.get("/api/macros")).items;
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("r");
    const area = page.locator("section[aria-label=Write] textarea");
    await area.fill(PAYLOADS.join("\n\n"));
    await page.click("button[aria-label=Preview]");
    await page.waitForSelector("section[aria-label=Write] >> text=click");
    await check("preview");
    must(macros.length > 10, "macros are missing");
    for (const [path, wait] of [
      ["/search?q=export", "mark"], ["/customers?q=example", "main h1"], ["/escalations", "main h1"], ["/knowledge", "table"], ["/knowledge?tab=gaps", "main h1"], ["/knowledge?tab=conflicts", "main h1"],
      ["/analytics", "svg[role=img]"], ["/settings/macros", "text=New macro"], ["/settings/audit", "table"], ["/review", "main h1"],
    ]) {
      await page.goto(box.base + path);
      await page.waitForSelector(wait);
      await page.waitForFunction(() => document.querySelector(".skeleton") === null);
      await check(path);
    }
    await page.goto(`${box.base}/knowledge`);
    await page.click("table button >> nth=0");
    await page.waitForSelector("[role=dialog] li");
    await check("document");
    await page.goto(`${box.base}/knowledge?tab=retrieval`);
    await page.fill("form input", "How to export number 9");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=certainty");
    await check("retrieval");
    for (const { url } of (await ada.get("/api/knowledge/documents")).items) {
      await page.goto(url.startsWith("http") ? url : box.url + url);
      await check(url);
    }
    for (const ticket of tickets.filter((_, index) => index % 5 === 0)) {
      await page.goto(ticket.page);
      await page.waitForSelector("article");
      await check(`status page of ${ticket.reference}`);
    }
    await box.stop();
  },
};

await mkdir(SHOTS, { recursive: true });
const wanted = process.argv.slice(2);
const browser = await launchBrowser();
let failed = 0;
for (const [name, run] of Object.entries(SCENES)) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
  const started = Date.now();
  const opened = [];
  let last = null;
  const open = async (box, { elsewhere = null, expected = null } = {}) => {
    const site = { base: box.base, origin: box.origin };
    const made = await openPage(browser, site, { as: null });
    made.page.setDefaultTimeout(60_000);
    opened.push({ ...made, elsewhere, expected });
    last = made.page;
    return made.page;
  };
  const findings = [];
  try {
    await run({ open, page: (page) => { last = page; } });
  } catch (error) {
    findings.push(error.message.split("\n").slice(0, 6).join(" "));
    await last?.screenshot({ path: `${SHOTS}FAILED-real-${name}.png` }).catch(() => undefined);
  }
  for (const { context, findings: noted, elsewhere, expected } of opened) {
    findings.push(...noted.filter((finding) => !(elsewhere !== null && finding.includes(elsewhere)) && !(expected !== null && expected.test(finding))));
    await context.close();
  }
  if (findings.length > 0) failed += 1;
  console.log(`${findings.length === 0 ? "ok" : "FAILED"} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  for (const finding of new Set(findings)) console.log(`  ${finding}`);
}
await browser.close();
console.log(failed === 0 ? "all against the real program passed" : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
