/** Every screen and state that is looked at and checked: how to get there. */
const JSON_TYPE = "application/json";

const go = (path, wait) => async (page, site) => {
  await page.goto(site.base + path);
  if (wait !== undefined) await page.waitForSelector(wait);
};
const answer = (page, glob, body, status = 200) =>
  page.route(glob, (route) => route.fulfill({ status, contentType: status < 400 ? JSON_TYPE : "application/problem+json", body: JSON.stringify(body) }));
const failing = { type: "about:blank", title: "Unavailable", status: 503, detail: "The store is busy just now.", code: "unavailable" };
const forbidden = { type: "about:blank", title: "Forbidden", status: 403, detail: "Your role does not allow this.", code: "forbidden" };
const firstRow = "section[aria-label=Conversations] li a";

async function openFirst(page, site, view, after) {
  await page.goto(`${site.base}/inbox?view=${view}`);
  await page.click(firstRow);
  await page.waitForSelector("article h1");
  if (after !== undefined) await after(page);
}

export const SCENES = {
  "sign-in": { as: null, open: go("/sign-in", "form") },
  "sign-in-wrong": { as: null, open: async (page, site) => {
    await page.goto(`${site.base}/sign-in`);
    await page.fill("input[autocomplete=username]", "Ada Moreau");
    await page.fill("input[type=password]", "not it at all");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
  } },
  "sign-in-code": { as: null, open: async (page, site) => {
    await page.goto(`${site.base}/sign-in`);
    await page.fill("input[autocomplete=username]", "Tomasz Lis");
    await page.fill("input[type=password]", "correct horse");
    await page.keyboard.press("Enter");
    await page.waitForSelector("input[autocomplete=one-time-code]");
  } },
  setup: { as: "Fresh Box", open: go("/", "text=first administrator") },
  "setup-documents": { as: "Fresh Box", open: async (page, site) => {
    await page.goto(`${site.base}/setup`);
    await page.fill("input[autocomplete=username]", "Ada Moreau");
    await page.fill("input[type=password]", "correct horse");
    await page.click("text=Go on");
    await page.getByLabel("Company", { exact: true }).fill("TaskFlow");
    await page.getByLabel("Product").fill("TaskFlow");
    await page.getByLabel("Support address").fill("support@taskflow.example");
    await page.click("text=Set up the box");
    await page.waitForSelector("text=Drop documents here");
  } },
  inbox: { open: go("/inbox", firstRow) },
  "inbox-loading": { open: async (page, site) => {
    await page.route("**/api/conversations?*", () => undefined);
    await page.goto(`${site.base}/inbox`);
    await page.waitForSelector("[aria-busy=true]");
  } },
  "inbox-empty": { open: async (page, site) => {
    await answer(page, "**/api/conversations?*", { items: [], next_cursor: null });
    await page.goto(`${site.base}/inbox`);
    await page.waitForSelector("text=All caught up");
  } },
  "inbox-filtered-empty": { open: async (page, site) => {
    await answer(page, "**/api/conversations?*", { items: [], next_cursor: null });
    await page.goto(`${site.base}/inbox?plan=enterprise&channel=whatsapp`);
    await page.waitForSelector("text=Nothing fits these filters");
  } },
  "inbox-error": { open: async (page, site) => {
    await answer(page, "**/api/conversations?*", failing, 503);
    await page.goto(`${site.base}/inbox`);
    await page.waitForSelector("text=Try again");
  } },
  "inbox-filters": { widths: [390, 1440], open: async (page, site) => {
    await go("/inbox?channel=email", firstRow)(page, site);
    await page.click("button[aria-label^='Filter']");
    await page.waitForSelector("text=Last message from");
  } },
  "conversation-draft": { open: (page, site) => openFirst(page, site, "needs_approval", (at) => at.waitForSelector("text=Draft, not sent")) },
  "conversation-escalated": { open: (page, site) => openFirst(page, site, "escalated") },
  "conversation-note": { open: (page, site) => openFirst(page, site, "mine", async (at) => {
    await at.click("button:has-text('Internal note')");
    await at.fill("textarea", "Renewal on the 30th: keep it quick.");
  }) },
  "conversation-discard": { open: (page, site) => openFirst(page, site, "needs_approval", async (at) => {
    await at.click("button:has-text('Discard')");
    await at.waitForSelector("[role=dialog]");
  }) },
  "conversation-viewer": { as: "Vera Holm", open: (page, site) => openFirst(page, site, "needs_approval", (at) => at.waitForSelector("text=Your role is viewer")) },
  "conversation-missing": { open: go("/inbox/TF-20200101-ZZZZ", "text=There is no TF-20200101-ZZZZ") },
  "conversation-void": { open: async (page, site) => {
    await page.route("**/api/conversations/TF-*", async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      if (body.assistant?.draft) body.assistant.draft.void = true;
      await route.fulfill({ response, json: body });
    });
    await openFirst(page, site, "needs_approval", (at) => at.waitForSelector("text=no longer fits"));
  } },
  reconnecting: { open: async (page, site) => {
    await page.route("**/api/events", (route) => route.abort());
    await go("/inbox", firstRow)(page, site);
    await page.waitForSelector("text=Reconnecting to the box");
  } },
  palette: { widths: [390, 1440], open: async (page, site) => {
    await go("/inbox", firstRow)(page, site);
    await page.keyboard.press("Control+k");
    await page.waitForSelector("[cmdk-input]");
  } },
  "key-help": { widths: [390, 1440], open: async (page, site) => {
    await go("/inbox", firstRow)(page, site);
    await page.keyboard.press("?");
    await page.waitForSelector("text=Single-letter keys");
  } },
  review: { open: go("/review", "text=Why it waits") },
  "review-empty": { open: async (page, site) => {
    await answer(page, "**/api/conversations?*", { items: [], next_cursor: null });
    await go("/review", "text=No draft waits")(page, site);
  } },
  escalations: { open: go("/escalations", "article") },
  "escalations-empty": { open: async (page, site) => {
    await answer(page, "**/api/escalations?*", { items: [], next_cursor: null });
    await go("/escalations", "text=Nothing waits for a person")(page, site);
  } },
  search: { open: go("/search?q=calendar", "mark") },
  "search-nothing": { open: go("/search?q=xylophone", "text=Nothing found") },
  customers: { open: go("/customers?q=tan", "text=Choose two to merge") },
  knowledge: { open: go("/knowledge", "table") },
  "knowledge-empty": { open: async (page, site) => {
    await answer(page, "**/api/knowledge/documents", { items: [] });
    await go("/knowledge", "text=No documents yet")(page, site);
  } },
  "knowledge-retrieval": { open: async (page, site) => {
    await go("/knowledge?tab=retrieval", "form")(page, site);
    await page.fill("form input", "How do I export everything?");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=certainty");
  } },
  "knowledge-gaps": { open: go("/knowledge?tab=gaps", "text=Write the answer") },
  "knowledge-conflicts": { open: go("/knowledge?tab=conflicts", "text=Both are right") },
  "knowledge-write": { open: go("/knowledge?tab=write", "text=Save the article") },
  analytics: { open: go("/analytics", "svg[role=img]") },
  "analytics-error": { open: async (page, site) => {
    await answer(page, "**/api/analytics/**", failing, 503);
    await go("/analytics", "text=Try again")(page, site);
  } },
  ...Object.fromEntries(["account", "company", "channels", "autonomy", "policy", "hours", "macros", "users", "tokens", "audit", "privacy", "system"].map((section) => [`settings-${section}`, { widths: [390, 1440], open: go(`/settings/${section}`, "main h1") }])),
  "settings-try": { widths: [1440], open: async (page, site) => {
    await go("/settings/policy", "textarea")(page, site);
    await page.fill("textarea", "How do I export my whole workspace?");
    await page.click("button:has-text('Try')");
    await page.waitForSelector("text=As it would be sent");
  } },
  "no-permission": { as: "Vera Holm", widths: [1440], open: go("/settings/users", "text=Your role does not allow this") },
  forbidden: { widths: [1440], open: async (page, site) => {
    await answer(page, "**/api/escalations?*", forbidden, 403);
    await go("/escalations", "text=Your role does not allow this")(page, site);
  } },
  "not-found": { widths: [1440], open: go("/nowhere", "text=There is nothing at this address") },
};
