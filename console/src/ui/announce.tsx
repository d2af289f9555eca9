/** Toasts and the polite live region: what was done is said once, to eyes and ears; what can be undone says until when. */
import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";

export type Toast = { id: number; text: string; tone: "plain" | "failed"; action?: { label: string; run: () => void; untilMs: number } };

let toasts: Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

export function dismiss(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

export function announce(text: string, more: Partial<Pick<Toast, "tone" | "action">> = {}): void {
  change([...toasts.slice(-2), { id: nextId, text, tone: "plain", ...more }]);
  nextId += 1;
}

function ToastCard({ toast }: { toast: Toast }) {
  const [now, setNow] = useState(() => Date.now());
  const [end] = useState(() => toast.action?.untilMs ?? Date.now() + (toast.tone === "failed" ? 9_000 : 5_000));
  const left = Math.max(0, Math.ceil((end - now) / 1000));

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (now >= end) dismiss(toast.id);
  }, [now, end, toast.id]);

  const { action } = toast;
  return (
    <div className="float-in pointer-events-auto flex items-center gap-3 rounded-lg bg-frame py-1.5 ps-4 pe-1.5 text-sm text-frame-text shadow-float ring-1 ring-frame-line">
      <span className="min-w-0 flex-1">
        {toast.tone === "failed" && <strong className="font-semibold">Failed: </strong>}
        {toast.text}
      </span>
      {action !== undefined && (
        <button
          type="button"
          className="button min-h-7 text-frame-text underline underline-offset-2 hover:bg-frame-hover"
          onClick={() => {
            dismiss(toast.id);
            action.run();
          }}
        >
          {action.label} <span aria-hidden="true">({left})</span>
        </button>
      )}
      <button type="button" className="grid size-7 place-items-center rounded-md text-frame-muted hover:bg-frame-hover" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <X size={14} aria-hidden />
      </button>
    </div>
  );
}

export function Announcer() {
  const shown = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => toasts,
  );
  return (
    <>
      <div className="sr-only" role="status" aria-live="polite">
        {shown.at(-1)?.text ?? ""}
      </div>
      <section aria-label="Notices" className="frame pointer-events-none fixed inset-x-3 bottom-16 z-50 flex flex-col items-center gap-2 md:bottom-4">
        {shown.map((toast) => (
          <ToastCard key={toast.id} toast={toast} />
        ))}
      </section>
    </>
  );
}
