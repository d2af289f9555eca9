import { copy } from "../copy";

/** The page's outline while the ticket is on its way. */
export function TicketSkeleton() {
  return (
    <div role="status" aria-busy="true">
      <h1 className="sr-only">{copy.loading}</h1>
      <div aria-hidden="true">
        <div className="skeleton h-5 w-48" />
        <div className="skeleton mt-4 h-9 w-full max-w-md" />
        <div className="mt-8 grid gap-8 lg:grid-cols-[minmax(0,1fr)_18rem] lg:gap-12">
          <div className="card space-y-4 p-5 lg:order-last lg:h-80">
            <div className="skeleton h-5 w-28" />
            <div className="skeleton h-4 w-full" />
          </div>
          <div className="space-y-6">
            <div className="card space-y-3 p-6">
              <div className="skeleton h-9 w-40" />
              <div className="skeleton h-4 w-full" />
              <div className="skeleton h-4 w-4/5" />
              <div className="skeleton h-4 w-3/5" />
            </div>
            <div className="card h-40 p-6">
              <div className="skeleton h-9 w-40" />
            </div>
          </div>
        </div>
      </div>
    </div>
  );
}
