import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "shots", "src/api/openapi.d.ts"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}", "mock/**/*.ts", "vite.config.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "type"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, varsIgnorePattern: "^_" }],
      // TanStack Router throws redirects.
      "@typescript-eslint/only-throw-error": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Text from customers, documents and models is never HTML.",
        },
      ],
    },
  },
  { files: ["src/**/*.tsx"], ...jsxA11y.flatConfigs.strict },
  { files: ["src/**/*.{ts,tsx}"], ...reactHooks.configs.flat.recommended },
  {
    files: ["tests/**/*.mjs", "scripts/**/*.mjs", "src/**/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "fetch", "location", "sessionStorage", "performance", "getComputedStyle", "URL", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "Buffer",
         "document", "localStorage", "window", "matchMedia", "navigator", "Event", "history", "dispatchEvent", "PopStateEvent", "DataTransfer", "File", "FormData", "Blob"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
