import { defineConfig } from "vite";

/** The widget is one classic script without imports, under a name that pages can rely on; it lands beside the pages in dist/. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: false,
    outDir: "dist",
    lib: { entry: "widget/main.ts", formats: ["iife"], name: "FrontdeskWidget", fileName: () => "widget.js" },
  },
});
