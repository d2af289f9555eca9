/** Stands in for `react-remove-scroll` (see vite.config.ts): the dialogs' wrapper without the style element that it would write. */
import type { ReactElement, ReactNode, Ref } from "react";
import { cloneElement, isValidElement } from "react";

type Props = { children?: ReactNode; ref?: Ref<HTMLElement> } & Record<string, unknown>;

/** What the real one takes for itself and passes to nobody. */
const OWN: ReadonlySet<string> = new Set(["forwardProps", "as", "allowPinchZoom", "shards", "enabled", "removeScrollBar"]);

export function RemoveScroll({ children, ref, ...given }: Props): ReactNode {
  if (!isValidElement(children)) return children;
  const passed = Object.fromEntries(Object.entries(given).filter(([name]) => !OWN.has(name)));
  return cloneElement(children as ReactElement<Record<string, unknown>>, { ...passed, ...(ref === undefined ? {} : { ref }) });
}
