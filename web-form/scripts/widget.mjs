/**
 * The widget on a site of another origin, in a browser: asks a question, follows the answer, opens the chat by keyboard; checks axe,
 * the page's strict content policy, and that nothing leaks into the page. Run `npm run build` first. Screenshots go to shots/.
 */
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createMock } from "../mock/handler.mjs";
import { launchBrowser } from "./browser.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const listen = (handler) => new Promise((resolve) => { const server = createServer(handler); server.listen(0, "127.0.0.1", () => resolve([server, `http://127.0.0.1:${server.address().port}`])); });

const handle = createMock({ stepMs: 150 });
let site = "";
const [boxServer, box] = await listen(async (request, response) => {
  response.setHeader("access-control-allow-origin", site);
  response.setHeader("access-control-allow-headers", "content-type, idempotency-key");
  response.setHeader("access-control-allow-methods", "GET, POST");
  if (request.method === "OPTIONS") return void response.writeHead(204).end();
  if (request.url === "/widget.js") return void response.writeHead(200, { "content-type": "text/javascript" }).end(await readFile(at("../dist/widget.js")));
  if (!(await handle(request, response))) response.writeHead(404).end();
});
const [siteServer, origin] = await listen(async (request, response) => {
  const isSheet = request.url === "/demo.css";
  const text = await readFile(at(isSheet ? "../demo/demo.css" : "../demo/index.html"), "utf8");
  response.writeHead(200, {
    "content-type": isSheet ? "text/css" : "text/html",
    "content-security-policy": `default-src 'none'; script-src ${box}; style-src 'self'; connect-src ${box}`,
  });
  response.end(text.replace("http://127.0.0.1:8080", box));
});
site = origin;

await mkdir(at("../shots/"), { recursive: true });
const browser = await launchBrowser();
const findings = [];
for (const width of [390, 1440]) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  page.setDefaultTimeout(20_000);
  page.on("console", (entry) => entry.type() === "error" && findings.push(`console: ${entry.text()}`));
  page.on("pageerror", (error) => findings.push(`exception: ${error.message}`));
  try {
    // Another kind of favicon request is the browser's own.
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await page.goto(origin);
    const form = page.locator("main frontdesk-form");
    await form.getByLabel("Your name").waitFor();
    await form.getByRole("button", { name: "Send" }).click();
    await form.locator(".error:visible").first().waitFor();
    await page.screenshot({ path: at(`../shots/widget-invalid-${width}.png`), fullPage: true });
    await form.getByLabel("Your name").fill("Amara Okafor");
    await form.getByLabel("Email").fill("amara@example.com");
    await form.getByLabel("Subject").fill("Exporting the weekly report");
    await form.getByLabel("How can we help?").fill("The weekly report stays empty after I choose a date range.");
    const category = form.getByLabel("What is it about?");
    await category.selectOption({ index: 0 });
    await form.getByRole("button", { name: "Send" }).click();
    await form.getByText("We have your request").waitFor();
    await form.getByText("Assistant (AI)").first().waitFor();
    await page.screenshot({ path: at(`../shots/widget-answer-${width}.png`), fullPage: true });
    const chat = page.locator("frontdesk-chat");
    await chat.getByRole("button", { name: "Help" }).focus();
    await page.keyboard.press("Enter");
    await chat.getByLabel("Your name").waitFor();
    await page.screenshot({ path: at(`../shots/widget-chat-${width}.png`) });
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
    for (const { id, impact, nodes } of violations) findings.push(`axe ${impact}: ${id} at ${nodes.map((node) => node.target.join(" ")).join(", ").slice(0, 200)}`);
    await chat.getByLabel("Your name").focus();
    await page.keyboard.press("Escape");
    await chat.getByLabel("Your name").waitFor({ state: "hidden" });
    const leaked = await page.evaluate(() => Object.keys(window).filter((key) => /frontdesk|react|preact/iu.test(key)));
    if (leaked.length > 0) findings.push(`leaks into the page: ${leaked.join(", ")}`);
  } catch (error) {
    findings.push(error.message.split("\n").slice(0, 3).join(" "));
    await page.screenshot({ path: at(`../shots/FAILED-widget-${width}.png`), fullPage: true });
  }
  await page.close();
}
await browser.close();
boxServer.closeAllConnections();
boxServer.close();
siteServer.closeAllConnections();
siteServer.close();
for (const finding of new Set(findings)) console.log(finding);
console.log(findings.length === 0 ? "the widget works on another origin" : `${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
