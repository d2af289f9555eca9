import * as Radix from "@radix-ui/react-dialog";
import clsx from "clsx";
import { X } from "lucide-react";
import { useRef } from "react";
import type { ReactNode } from "react";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  wide?: boolean;
  children: ReactNode;
};

const FIRST_FIELD = "input:not([type=hidden]), textarea, select";

/** A modal dialog: the focus goes to its first field and stays inside, Escape closes, focus returns to where it came from. */
export function Dialog({ open, onOpenChange, title, description, wide = false, children }: Props) {
  const content = useRef<HTMLDivElement>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-30 bg-[rgb(12_18_15/45%)]" />
        <Radix.Content
          ref={content}
          onOpenAutoFocus={(event) => {
            const field = content.current?.querySelector<HTMLElement>(FIRST_FIELD);
            if (field == null) return;
            event.preventDefault();
            field.focus();
          }}
          {...(description === undefined ? { "aria-describedby": undefined } : {})}
          className={clsx(
            "float-in fixed inset-x-3 top-[8vh] z-30 mx-auto flex max-h-[84vh] flex-col rounded-xl border border-line bg-raised shadow-float",
            wide ? "max-w-3xl" : "max-w-lg",
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg">{title}</Radix.Title>
              {description !== undefined && <Radix.Description className="mt-0.5 text-sm text-muted">{description}</Radix.Description>}
            </div>
            <Radix.Close className="icon-button -me-2" aria-label="Close">
              <X size={16} aria-hidden />
            </Radix.Close>
          </header>
          <div className="overflow-y-auto px-5 pb-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel that slides over the side, for what has no room beside the thread. */
export function Drawer({ open, onOpenChange, title, children }: Omit<Props, "wide" | "description">) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-30 bg-[rgb(12_18_15/45%)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="float-in fixed inset-y-0 end-0 z-30 flex w-[min(24rem,92vw)] flex-col border-s border-line bg-surface shadow-float"
        >
          <header className="flex items-center justify-between border-b border-line px-4 py-2">
            <Radix.Title className="text-base">{title}</Radix.Title>
            <Radix.Close className="icon-button" aria-label="Close">
              <X size={16} aria-hidden />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
