/** The built console under its content policy with the mock behind it, and a browser to look at it. CHROMIUM names another executable. */
import { preview } from "vite";
import { chromium } from "playwright-core";

export async function startConsole() {
  const server = await preview({ preview: { port: 0, host: "127.0.0.1" }, logLevel: "error" });
  const { port } = server.httpServer.address();
  return { base: `http://127.0.0.1:${port}/console`, origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Failed requests are part of some scenes. */
const NETWORK_NOISE = /Failed to load resource|net::ERR/u;

/** A page of a signed-in operator that notes what must not happen: exceptions, policy violations, requests elsewhere. */
export async function openPage(browser, site, { as = "Ada Moreau", width = 1440, theme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme: theme,
    reducedMotion: "reduce",
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    hasTouch: width < 600,
  });
  if (as !== null) await context.addCookies([{ name: "mock_session", value: encodeURIComponent(as), url: site.origin }]);
  const page = await context.newPage();
  // A small box under load draws slowly.
  page.setDefaultTimeout(45_000);
  const findings = [];
  page.on("console", (entry) => {
    if (entry.type() === "error" && !NETWORK_NOISE.test(entry.text())) findings.push(`console: ${entry.text()}`);
  });
  page.on("pageerror", (error) => findings.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(site.origin) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) findings.push(`request elsewhere: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() === 404 && response.url().includes("/assets/")) findings.push(`missing: ${response.url()}`);
  });
  return { context, page, findings };
}
