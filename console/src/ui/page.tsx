import type { ReactNode } from "react";
import { useEffect } from "react";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Frontdesk`;
  }, [title]);
}

/** A screen that scrolls as one: title, what it is for, actions at the end. */
export function Page({ title, lead, actions, children, wide = false }: { title: string; lead?: string; actions?: ReactNode; children: ReactNode; wide?: boolean }) {
  useTitle(title);
  return (
    <div className="h-full overflow-y-auto" tabIndex={-1}>
      <div className={`mx-auto px-4 pt-5 pb-16 md:px-8 md:pt-7 ${wide ? "max-w-7xl" : "max-w-5xl"}`}>
        <header className="mb-5 flex flex-wrap items-end gap-x-6 gap-y-3">
          <div className="min-w-0 flex-1 basis-64">
            <h1 className="text-xl">{title}</h1>
            {lead !== undefined && <p className="mt-0.5 max-w-2xl text-sm text-pretty text-muted">{lead}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
        {children}
      </div>
    </div>
  );
}

export function Section({ title, lead, actions, children }: { title: string; lead?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="card mb-5 overflow-hidden">
      <header className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-3">
        <div className="min-w-0 flex-1 basis-56">
          <h2 className="text-base">{title}</h2>
          {lead !== undefined && <p className="text-xs text-pretty text-muted">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </section>
  );
}

/** A wide table scrolls by itself, reachable by keyboard. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable
    <div role="region" aria-label={label} tabIndex={0} className="relative overflow-x-auto">
      {children}
    </div>
  );
}
