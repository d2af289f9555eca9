import * as Radix from "@radix-ui/react-dropdown-menu";
import type { ReactNode } from "react";

export type MenuEntry = { label: string; hint?: string; icon?: ReactNode; danger?: boolean; disabled?: boolean; run: () => void } | "line";

export function Menu({ label, trigger, entries }: { label: string; trigger: ReactNode; entries: MenuEntry[] }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content aria-label={label} align="end" sideOffset={4} collisionPadding={8} className="menu float-in">
          {entries.map((entry, index) =>
            entry === "line" ? (
              <Radix.Separator key={index} className="my-1 h-px bg-line" />
            ) : (
              <Radix.Item key={entry.label} disabled={entry.disabled ?? false} onSelect={entry.run} className={`menu-item ${entry.danger === true ? "text-brick" : ""}`}>
                {entry.icon}
                <span className="flex-1">{entry.label}</span>
                {entry.hint !== undefined && <span className="text-2xs text-muted">{entry.hint}</span>}
              </Radix.Item>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
