import { readFileSync } from "node:fs";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { createMock } from "./mock/handler.mjs";

/** A running Frontdesk to develop against; without it the mock answers. */
const frontdeskUrl = process.env.FRONTDESK_URL;

function mockServer(): Plugin {
  const handle = createMock();
  return {
    name: "frontdesk-mock",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        void handle(request, response).then((handled) => {
          if (!handled) next();
        }, next);
      });
    },
  };
}

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
        return html.replace(`/${EARLY_THEME}`, `/${file.fileName}`);
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), earlyTheme(), ...(frontdeskUrl === undefined ? [mockServer()] : [])],
  server: frontdeskUrl === undefined ? {} : { proxy: { "/support": frontdeskUrl, "/help": frontdeskUrl } },
  build: {
    target: "es2022",
    // The content policy allows neither data: URIs nor injected scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test-setup.ts"],
    restoreMocks: true,
    // A small box under load types slowly.
    testTimeout: 20_000,
  },
});
