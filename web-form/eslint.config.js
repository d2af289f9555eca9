import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "shots"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "widget/**/*.ts", "vite.config.ts", "vite.widget.config.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "type"],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Text from customers, documents and models is never HTML.",
        },
        { selector: "JSXAttribute[name.name='style']", message: "Use a class: the content policy forbids inline styles." },
      ],
    },
  },
  { files: ["src/**/*.tsx"], ...jsxA11y.flatConfigs.strict },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat.recommended },
  {
    files: ["mock/**/*.mjs", "scripts/**/*.mjs", "src/**/*.js", "react/**/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "URL", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "Buffer",
         "document", "localStorage", "window", "matchMedia", "navigator", "Event", "customElements"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
