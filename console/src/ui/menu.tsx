/** A menu behind a button. What draws it is loaded once somebody reaches for it: the first screen needs none of it. */
import type { ReactElement, ReactNode, SyntheticEvent } from "react";
import { cloneElement, lazy, Suspense, useState } from "react";

export type MenuEntry = { label: string; hint?: string; icon?: ReactNode; danger?: boolean; disabled?: boolean; run: () => void } | "line";
type TriggerProps = { onClick?: (event: SyntheticEvent) => void; onPointerEnter?: () => void; onFocus?: () => void; "aria-haspopup"?: "menu"; "aria-expanded"?: boolean };
export type MenuProps = { label: string; trigger: ReactElement<TriggerProps>; entries: MenuEntry[] };

const load = (): Promise<typeof import("./menu-content")> => import("./menu-content");
const MenuContent = lazy(load);

export function Menu(props: MenuProps) {
  const [isWanted, setWanted] = useState(false);
  const waiting = cloneElement(props.trigger, { "aria-haspopup": "menu", "aria-expanded": false, onClick: () => setWanted(true), onPointerEnter: () => void load(), onFocus: () => void load() });
  if (!isWanted) return waiting;
  return (
    <Suspense fallback={waiting}>
      <MenuContent {...props} />
    </Suspense>
  );
}
