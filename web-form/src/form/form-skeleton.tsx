import { copy } from "../copy";

function Line({ className }: { className: string }) {
  return <div className={`skeleton ${className}`} />;
}

/** The form's outline while the configuration is on its way, so that nothing jumps. */
export function FormSkeleton() {
  return (
    <div
      className="grid gap-x-16 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,40rem)]"
      role="status"
      aria-busy="true"
    >
      <div className="lg:pt-4">
        <h1 className="text-3xl leading-tight font-semibold tracking-tight sm:text-4xl">{copy.form.title}</h1>
        <p className="sr-only">{copy.loading}</p>
        <div className="mt-4 space-y-3" aria-hidden="true">
          <Line className="h-5 w-full max-w-sm" />
          <Line className="h-5 w-2/3" />
        </div>
      </div>
      <div className="card space-y-6 p-5 sm:p-8" aria-hidden="true">
        <Line className="h-6 w-40" />
        <div className="grid gap-6 sm:grid-cols-2">
          <Line className="h-16" />
          <Line className="h-16" />
          <Line className="h-16" />
          <Line className="h-16" />
        </div>
        <Line className="h-16" />
        <Line className="h-44" />
        <Line className="h-11 w-40" />
      </div>
    </div>
  );
}
