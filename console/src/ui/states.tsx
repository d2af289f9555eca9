/** What a screen shows when it has nothing to show: loading, empty, failed, not allowed. */
import { useQueryClient } from "@tanstack/react-query";
import { Lock, RotateCw, TriangleAlert } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, explain } from "~/api/client";

export function EmptyState({ icon: Icon, title, children, action }: { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-sm flex-col items-center px-6 py-14 text-center">
      <span className="grid size-11 place-items-center rounded-full bg-pine-tint text-pine-strong">
        <Icon size={20} aria-hidden />
      </span>
      <h2 className="mt-4 text-base">{title}</h2>
      {children !== undefined && <p className="mt-1 text-sm text-pretty text-muted">{children}</p>}
      {action !== undefined && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

export function ErrorState({ error, onRetry, title = "This could not be loaded" }: { error: unknown; onRetry?: () => void; title?: string }) {
  const client = useQueryClient();
  if (error instanceof ApiError && error.status === 403) return <NoPermission />;
  return (
    <div role="alert" className="mx-auto flex max-w-sm flex-col items-center px-6 py-14 text-center">
      <span className="grid size-11 place-items-center rounded-full bg-brick-tint text-brick-strong">
        <TriangleAlert size={20} aria-hidden />
      </span>
      <h2 className="mt-4 text-base">{title}</h2>
      <p className="mt-1 text-sm text-muted">{explain(error)}</p>
      <button
        type="button"
        className="button button-plain mt-4"
        onClick={() => {
          if (onRetry === undefined) void client.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" });
          else onRetry();
        }}
      >
        <RotateCw size={14} aria-hidden /> Try again
      </button>
    </div>
  );
}

export function NoPermission() {
  return (
    <EmptyState icon={Lock} title="Your role does not allow this">
      An administrator of this box can change your role under Settings, Users.
    </EmptyState>
  );
}

export function Skeleton({ className = "" }: { className?: string }) {
  return <div className={`skeleton ${className}`} />;
}

export function SkeletonRows({ rows = 8, label }: { rows?: number; label: string }) {
  return (
    <div aria-busy="true" className="space-y-4 p-4">
      <span className="sr-only">{label}</span>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="space-y-2">
          <Skeleton className="h-3 w-2/5" />
          <Skeleton className="h-3 w-4/5" />
        </div>
      ))}
    </div>
  );
}
