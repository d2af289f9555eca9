/** Light or dark: the system's choice until the reader makes their own, which this browser remembers. */
import { useEffect, useState } from "react";
import { copy } from "../copy";
import { MoonIcon, SunIcon } from "./icons";

type Theme = "light" | "dark";

const STORED = "frontdesk.theme";

function shownTheme(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

function isChosen(): boolean {
  try {
    return localStorage.getItem(STORED) !== null;
  } catch {
    return false;
  }
}

export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(shownTheme);

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);

  useEffect(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const follow = (): void => {
      if (!isChosen()) setTheme(system.matches ? "dark" : "light");
    };
    system.addEventListener("change", follow);
    return () => {
      system.removeEventListener("change", follow);
    };
  }, []);

  const toggle = (): void => {
    const next = theme === "dark" ? "light" : "dark";
    setTheme(next);
    try {
      localStorage.setItem(STORED, next);
    } catch {
      // Storage is blocked: the choice holds for this page.
    }
  };

  const label = theme === "dark" ? copy.toLight : copy.toDark;
  return (
    <button
      type="button"
      onClick={toggle}
      aria-label={label}
      title={label}
      className="grid size-11 cursor-pointer place-items-center rounded-lg text-muted hover:bg-sunken hover:text-text print:hidden"
    >
      {theme === "dark" ? <SunIcon /> : <MoonIcon />}
    </button>
  );
}
