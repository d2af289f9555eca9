/** What operators do all day, done with the keyboard alone; each says what must be true afterwards. */
const firstRow = "section[aria-label=Conversations] li a";

function must(isTrue, message) {
  if (!isTrue) throw new Error(message);
}
const inbox = async (page, site, view) => {
  await page.goto(`${site.base}/inbox?view=${view}`);
  await page.waitForSelector(firstRow);
};

export const TASKS = {
  "task-sign-in-with-code": { as: null, run: async (page, site) => {
    await page.goto(`${site.base}/inbox`);
    await page.waitForSelector("input[autocomplete=username]");
    await page.focus("input[autocomplete=username]");
    await page.keyboard.type("Tomasz Lis");
    await page.keyboard.press("Tab");
    await page.keyboard.type("correct horse");
    await page.keyboard.press("Enter");
    await page.waitForSelector("input[autocomplete=one-time-code]");
    await page.keyboard.type("123456");
    await page.keyboard.press("Enter");
    await page.waitForSelector(firstRow);
  } },
  "task-reply-and-undo": { run: async (page, site) => {
    await inbox(page, site, "mine");
    await page.keyboard.press("j");
    await page.waitForSelector("article h1");
    await page.keyboard.press("r");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await page.keyboard.type("/refund");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("five working days"));
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("button:has-text('Undo')");
    await page.waitForSelector("section[aria-label=Messages] >> text=five working days");
    await page.focus("section[aria-label=Notices] button:has-text('Undo')");
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[aria-label=Messages] >> text=five working days", { state: "detached" });
  } },
  "task-approve-draft": { run: async (page, site) => {
    await inbox(page, site, "needs_approval");
    await page.keyboard.press("j");
    await page.waitForSelector("text=Draft, not sent");
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("text=Draft, not sent", { state: "detached" });
    await page.waitForSelector("text=Being sent");
  } },
  "task-edit-draft": { run: async (page, site) => {
    await inbox(page, site, "needs_approval");
    await page.keyboard.press("j");
    await page.waitForSelector("text=Draft, not sent");
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("Enter");
    await page.waitForSelector("textarea[aria-label='Edit the draft']");
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" Write again if it does not work.");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("section[aria-label=Messages] >> text=Write again if it does not work.");
  } },
  "task-discard-with-reason": { run: async (page, site) => {
    await inbox(page, site, "needs_approval");
    await page.keyboard.press("j");
    await page.waitForSelector("text=Draft, not sent");
    await page.keyboard.press("x");
    await page.waitForSelector("textarea[aria-label=Reason]");
    must(await page.isDisabled("[role=dialog] button[type=submit]"), "a draft can be discarded without a reason");
    await page.focus("textarea[aria-label=Reason]");
    await page.keyboard.type("Misses the question");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=discarded the draft: Misses the question");
  } },
  "task-void-draft": { run: async (page, site) => {
    await page.goto(`${site.base}/inbox?view=needs_approval`);
    await page.waitForSelector(firstRow);
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("j", { delay: 300 });
    await page.waitForSelector("text=Draft, not sent");
    const reference = await page.textContent("article header .font-mono");
    await page.route(`**/api/conversations/${reference}/approve`, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ type: "", title: "", status: 409, detail: "The customer wrote again.", code: "draft_void" }) }));
    await page.click("button:has-text('Approve and send')");
    await page.waitForSelector("text=This draft no longer fits.");
  } },
  "task-note-assign-snooze-label-close": { run: async (page, site) => {
    await inbox(page, site, "unassigned");
    await page.keyboard.press("j");
    await page.waitForSelector("article h1");
    await page.keyboard.press("n");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await page.keyboard.type("Checked with billing.");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("text=Internal note, never sent >> nth=1");
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("a");
    await page.waitForSelector("[role=dialog] [cmdk-item]");
    await page.keyboard.type("Priya");
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=Assigned to Priya Raman");
    await page.keyboard.press("l");
    await page.waitForSelector("[role=dialog] [cmdk-item]");
    await page.keyboard.type("harvest");
    await page.keyboard.press("Enter");
    await page.waitForSelector("header .badge:has-text('harvest')");
    await page.keyboard.press("s");
    await page.waitForSelector("[role=dialog] [cmdk-item]");
    await page.keyboard.type("tomorrow");
    await page.keyboard.press("Enter");
    await page.waitForSelector("header .badge:has-text('Until')");
    const before = page.url();
    await page.keyboard.press("Shift+E");
    await page.waitForFunction((url) => location.href !== url, before);
  } },
  "task-palette": { run: async (page, site) => {
    await inbox(page, site, "all");
    await page.keyboard.press("Control+k");
    await page.waitForSelector("[cmdk-input]");
    await page.keyboard.type("escal");
    await page.keyboard.press("Enter");
    await page.waitForSelector("h1:has-text('Escalations')");
  } },
  "task-keys-off-in-fields-and-by-choice": { run: async (page, site) => {
    await inbox(page, site, "all");
    await page.keyboard.press("?");
    await page.waitForSelector("[role=dialog]");
    await page.focus("[role=dialog] [role=switch]");
    await page.keyboard.press("Space");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[role=dialog]", { state: "detached" });
    const before = page.url();
    await page.keyboard.press("j");
    must(page.url() === before, "a single key still works after it was switched off");
    await page.keyboard.press("Control+k");
    await page.waitForSelector("[cmdk-input]");
  } },
  "task-unsent-text-and-place-survive-reload": { run: async (page, site) => {
    await inbox(page, site, "all");
    await page.keyboard.press("j");
    await page.waitForSelector("article h1");
    await page.keyboard.press("r");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await page.keyboard.type("Half a thought");
    const list = "section[aria-label=Conversations] > div:last-child";
    await page.waitForFunction((selector) => {
      const element = document.querySelector(selector);
      element.scrollTop = 20_000;
      return element.scrollTop > 12_000;
    }, list);
    const place = await page.evaluate((selector) => document.querySelector(selector).scrollTop, list);
    await page.waitForFunction(() => Object.keys(sessionStorage).some((key) => key.includes("place.")));
    await page.reload();
    await page.waitForFunction(() => document.querySelector("textarea")?.value === "Half a thought");
    await page.waitForFunction(([selector, was]) => Math.abs((document.querySelector(selector)?.scrollTop ?? 0) - was) < 200, [list, place]);
  } },
  "task-hundred-thousand-rows": { run: async (page, site) => {
    // The whole list in one answer, made in the page: what is in sight must stay little, however long it is.
    await page.addInitScript(() => {
      const real = window.fetch;
      window.fetch = async (...call) => {
        const response = await real(...call);
        if (!String(call[0]).includes("/api/conversations?")) return response;
        const { items } = await response.json();
        const many = Array.from({ length: 100_000 }, (_, index) => ({ ...items[index % items.length], reference: `TF-20261124-${String(index).padStart(6, "0")}` }));
        return { ok: true, status: 200, headers: response.headers, json: () => Promise.resolve({ items: many, next_cursor: null }) };
      };
    });
    await inbox(page, site, "all");
    const list = "section[aria-label=Conversations] > div:last-child";
    const started = Date.now();
    await page.evaluate((selector) => { const element = document.querySelector(selector); element.scrollTop = element.scrollHeight; }, list);
    await page.waitForSelector(`${list} li[aria-posinset='100000']`);
    must(Date.now() - started < 2_000, `jumping to the end took ${Date.now() - started} ms`);
    const shown = await page.locator(`${list} li`).count();
    must(shown < 60, `${shown} rows stand in the page`);
  } },
  "task-live-news": { run: async (page, site, context) => {
    await inbox(page, site, "mine");
    await page.keyboard.press("j");
    await page.waitForSelector("article h1");
    const reference = await page.textContent("article header .font-mono");
    const other = await context.newPage();
    await other.goto(`${site.base}/inbox/${reference}`);
    await other.waitForSelector("article h1");
    await other.keyboard.press("n");
    await other.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await other.keyboard.type("Seen from elsewhere");
    await other.keyboard.press("Control+Enter");
    await page.waitForSelector("section[aria-label=Messages] >> text=Seen from elsewhere");
  } },
};
