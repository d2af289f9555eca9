/** What an operator chose for this browser. */
import { useSyncExternalStore } from "react";
import { recall, remember } from "./storage";

export type Preferences = { singleKeys: boolean; theme: "system" | "light" | "dark"; density: "comfortable" | "compact" };

const DEFAULTS: Preferences = { singleKeys: true, theme: "system", density: "comfortable" };
const watchers = new Set<() => void>();
let current: Preferences = { ...DEFAULTS, ...recall<Partial<Preferences>>("preference.all", {}) };

const THEME_KEY = "frontdesk.theme";

function applyTheme(): void {
  const isDark = current.theme === "dark" || (current.theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  try {
    // Read before the first paint by early-theme.js, and shared with the public pages.
    if (current.theme === "system") localStorage.removeItem(THEME_KEY);
    else localStorage.setItem(THEME_KEY, current.theme);
  } catch {
    // Storage is blocked: the choice holds for this page.
  }
}

export function startTheme(): void {
  applyTheme();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", applyTheme);
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  remember("preference.all", current);
  applyTheme();
  for (const watcher of watchers) watcher();
}

export const getPreferences = (): Preferences => current;

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => current,
  );
}
