/** Pick one (or several) from a list by typing: for assigning, snoozing, labels, macros and merging. */
import { Command } from "cmdk";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog } from "./dialog";

export type Choice = { value: string; label: string; hint?: string | undefined; icon?: ReactNode; selected?: boolean };

export function Chooser({ open, onOpenChange, title, placeholder, choices, onChoose, empty = "Nothing fits.", search, onSearch, children }: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  placeholder: string;
  choices: Choice[];
  onChoose: (value: string) => void;
  empty?: string;
  /** Given when the server does the searching. */
  search?: string;
  onSearch?: (text: string) => void;
  children?: ReactNode;
}) {
  const remote = onSearch !== undefined;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title}>
      <Command label={title} shouldFilter={!remote} className="flex flex-col gap-2">
        <Command.Input placeholder={placeholder} className="input" {...(remote ? { value: search ?? "", onValueChange: onSearch } : {})} />
        <Command.List aria-label={title} className="max-h-72 overflow-y-auto">
          <Command.Empty className="px-2 py-4 text-sm text-muted">{empty}</Command.Empty>
          {choices.map((choice) => (
            <Command.Item key={choice.value} value={choice.value} keywords={[choice.label]} onSelect={() => onChoose(choice.value)} className="menu-item">
              {choice.icon}
              <span className="min-w-0 flex-1 truncate">{choice.label}</span>
              {choice.hint !== undefined && <span className="text-xs text-muted">{choice.hint}</span>}
              {choice.selected === true && (
                <>
                  <Check size={14} aria-hidden />
                  <span className="sr-only">chosen</span>
                </>
              )}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
      {children}
    </Dialog>
  );
}
