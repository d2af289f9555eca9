import * as Radix from "@radix-ui/react-tabs";
import type { ReactNode } from "react";

export type Tab = { value: string; label: string; count?: number | undefined; content: ReactNode };

export function Tabs({ label, value, onChange, tabs, fill = false }: { label: string; value: string; onChange: (value: string) => void; tabs: Tab[]; fill?: boolean }) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={fill ? "flex h-full min-h-0 flex-col" : ""}>
      <Radix.List aria-label={label} className="flex flex-none gap-1 overflow-x-auto border-b border-line px-1">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="relative px-3 py-2.5 text-sm font-medium whitespace-nowrap text-muted hover:text-text data-[state=active]:text-text data-[state=active]:after:absolute data-[state=active]:after:inset-x-2 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-pine focus-visible:-outline-offset-2"
          >
            {tab.label}
            {tab.count !== undefined && tab.count > 0 && <span className="ms-1.5 text-xs text-muted">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={fill ? "min-h-0 flex-1 overflow-y-auto" : "pt-4"}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
