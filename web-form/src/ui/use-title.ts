import { useEffect } from "react";

/** The tab's title: the page first, then the company. */
export function useTitle(...parts: string[]): void {
  const title = parts.filter((part) => part !== "").join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
