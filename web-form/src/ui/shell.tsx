/** The frame around every page: company name, theme toggle, footer. */
import type { ReactNode } from "react";
import type { SupportConfig } from "../api/contract";
import { copy } from "../copy";
import { BubbleIcon } from "./icons";
import { ThemeToggle } from "./theme";

type ShellProps = { config: SupportConfig | null; disclosure?: string | undefined; children: ReactNode };

export function Shell({ config, children, disclosure }: ShellProps) {
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="button button-primary sr-only focus:not-sr-only focus:fixed focus:start-4 focus:top-2.5 focus:z-10 focus:px-4! focus:py-2!"
        onClick={(event) => {
          // The fragment belongs to the ticket's token: move the focus, leave the address.
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        {copy.skipToContent}
      </a>
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex h-16 w-full max-w-6xl items-center justify-between gap-4 px-4 sm:px-8">
          <a href="/" className="flex min-w-0 items-center gap-3 rounded-lg py-1 pe-2 font-semibold">
            <span className="grid size-9 shrink-0 place-items-center rounded-[0.625rem] bg-accent text-on-accent">
              <BubbleIcon className="size-5" />
            </span>
            {config === null ? (
              <>
                <span className="sr-only">{copy.support}</span>
                <span className="skeleton h-4 w-36" aria-hidden="true" />
              </>
            ) : (
              <span className="truncate">{copy.supportOf(config.company)}</span>
            )}
          </a>
          <ThemeToggle />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-6xl grow px-4 py-8 sm:px-8 sm:py-12">
        {children}
      </main>
      <footer className="border-t border-line print:hidden">
        <div className="mx-auto flex w-full max-w-6xl flex-col gap-x-8 gap-y-1 px-4 py-5 text-sm text-muted sm:flex-row sm:px-8">
          <p className="max-w-prose">{disclosure}</p>
          {config?.support_email != null && (
            <p className="sm:ms-auto sm:text-end">
              <a className="link inline-block py-1 sm:py-0" href={`mailto:${config.support_email}`}>
                {config.support_email}
              </a>
            </p>
          )}
        </div>
      </footer>
    </div>
  );
}
