import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { createMock } from "./mock/handler.ts";

/** A running Frontdesk to develop against; without it the mock answers. */
const frontdeskUrl = process.env.FRONTDESK_URL;

/** What the binary sends with every page: the built console must work under it, so the preview server sends it, too. */
const CONTENT_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Answers `/api` from canned content, in development and in the browser tests; never part of a build. */
function mockServer(): Plugin {
  const handle = createMock();
  return {
    name: "frontdesk-mock",
    configureServer(server) {
      server.middlewares.use(handle);
    },
    configurePreviewServer(server) {
      server.middlewares.use((_request, response, next) => {
        response.setHeader("content-security-policy", CONTENT_POLICY);
        next();
      });
      server.middlewares.use(handle);
    },
  };
}

/** Where the binary serves the console. */
const BASE = "/console/";
const EARLY_THEME = "src/early-theme.js";

/** Vite bundles module scripts only; this one must run before the first paint, so it is emitted beside them, hashed. */
function earlyTheme(): Plugin {
  return {
    name: "frontdesk-early-theme",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "asset", name: "theme.js", source: readFileSync(EARLY_THEME, "utf8") });
    },
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const file = Object.values(bundle ?? {}).find((output) => output.type === "asset" && output.names.includes("theme.js"));
        if (file === undefined) throw new Error(`${EARLY_THEME} was not emitted`);
        return html.replace(`/${EARLY_THEME}`, `${BASE}${file.fileName}`);
      },
    },
  };
}

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: BASE,
  plugins: [react(), tailwindcss(), earlyTheme(), ...(frontdeskUrl === undefined ? [mockServer()] : [])],
  resolve: {
    alias: {
      "~": source("./src"),
      // It writes a style element, which the content policy forbids; the console's page never scrolls, so nothing needs locking.
      "react-remove-scroll": source("./src/ui/no-scroll-lock.tsx"),
    },
  },
  server: frontdeskUrl === undefined ? {} : { proxy: { "/api": frontdeskUrl, "/support": frontdeskUrl, "/help": frontdeskUrl } },
  build: {
    target: "es2022",
    // The content policy allows neither data: URIs in styles nor injected scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
  },
  test: { environment: "node", restoreMocks: true, include: ["src/**/*.test.{ts,tsx}"] },
});
