/** Loaded by menu.tsx on the first use, and open then. */
import * as Radix from "@radix-ui/react-dropdown-menu";
import type { MenuProps } from "./menu";

export default function MenuContent({ label, trigger, entries }: MenuProps) {
  return (
    <Radix.Root modal={false} defaultOpen>
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
