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

export default defineConfig({
  plugins: [react(), tailwindcss(), ...(frontdeskUrl === undefined ? [mockServer()] : [])],
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
  },
});
