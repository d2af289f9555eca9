/** The real program with a folder of its own, and what a test calls on it without a page. FRONTDESK_BINARY names the program. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const BINARY = process.env.FRONTDESK_BINARY;
if (BINARY === undefined) {
  console.error("Set FRONTDESK_BINARY to the program, for example target/debug/frontdesk.");
  process.exit(2);
}
export const PASSWORD = "quiet harbour lights";

/** Answers come from the documents' own words: no model is needed. */
export async function startBox(settings = {}, documents = null) {
  const folder = await mkdtemp(join(tmpdir(), "frontdesk-e2e-"));
  const all = {
    "data.directory": join(folder, "data"),
    "server.listen": "127.0.0.1:0",
    "server.submissions_per_minute": "100000",
    "server.sign_ins_per_minute": "1000",
    "models.chat": "none",
    "models.embedding": "none",
    "answers.mode": "passage",
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  if (documents !== null) {
    const added = spawnSync(BINARY, [...flags, "knowledge", "add", documents], { cwd: folder, encoding: "utf8" });
    if (added.status !== 0) throw new Error(`the documents were not added: ${added.stderr}`);
  }
  const child = spawn(BINARY, [...flags, "serve"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const log = [];
  createInterface({ input: child.stderr }).on("line", (line) => log.push(line));
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /http:\/\/\S+/u.exec(line);
      if (found !== null) resolve(found[0]);
    });
    child.on("exit", (code) => reject(new Error(`the program ended with ${code}:\n${log.join("\n")}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.removeAllListeners("exit");
    child.once("exit", () => undefined);
    child.kill("SIGKILL");
    await Promise.race([ended, new Promise((resolve) => child.once("close", resolve))]);
    await rm(folder, { recursive: true, force: true });
  };
  return { url, log, stop, base: `${url}/console`, origin: url };
}

/** Somebody signed in who calls the interface directly. */
export class Caller {
  constructor(box, cookie = "") {
    this.box = box;
    this.cookie = cookie;
  }

  async call(method, path, body) {
    const response = await fetch(`${this.box.url}${path}`, {
      method,
      headers: { "x-frontdesk-console": "1", cookie: this.cookie, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const set = response.headers.get("set-cookie");
    if (set !== null) this.cookie = set.split(";")[0];
    const text = await response.text();
    let read = text;
    try {
      read = JSON.parse(text);
    } catch {
      // Not every answer is JSON.
    }
    return { status: response.status, body: read };
  }

  async must(method, path, body) {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get(path) {
    return this.must("GET", path);
  }
}

export async function signedIn(box, name) {
  const caller = new Caller(box);
  await caller.must("POST", "/api/session", { name, password: PASSWORD });
  return caller;
}

/** The first administrator, Ada, without the pages. */
export async function setUp(box) {
  const caller = new Caller(box);
  const company = { name: "TaskFlow", product: "TaskFlow", support_email: "support@taskflow.example", disclosure: "Written by {company}'s assistant.", sign_off: "Kind regards" };
  await caller.must("POST", "/api/setup", { administrator: { name: "Ada Moreau", password: PASSWORD }, company });
  return caller;
}

export async function submit(box, form) {
  const response = await fetch(`${box.url}/support/submit`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "Ana Li", email: "ana@example.com", subject: "A question", message: "How do I export my data?", category: "general", priority: "medium", ...form }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`submit: ${response.status} ${JSON.stringify(body)}`);
  return { reference: body.ticket_id, token: body.status_token, page: `${box.url}${body.status_url}` };
}

export async function writeAgain(box, ticket, message) {
  const response = await fetch(`${box.url}/support/ticket/${ticket.reference}/messages?token=${ticket.token}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ message }) });
  if (!response.ok) throw new Error(`follow-up: ${response.status} ${await response.text()}`);
}

/** Reads again until it fits; the box works in the background. */
export async function until(read, fits, what, patience_ms = 60_000) {
  const end = Date.now() + patience_ms;
  for (;;) {
    const value = await read();
    if (fits(value)) return value;
    if (Date.now() > end) throw new Error(`${what} did not come about: ${JSON.stringify(value).slice(0, 600)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
