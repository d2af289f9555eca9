/** Shown instead of a ticket: what is wrong with the link or the line, and the way out. */
import type { Failure, FailureKind } from "../api/failure";
import { copy } from "../copy";
import { AlertIcon, LockIcon, OfflineIcon, SearchIcon, SpinnerIcon } from "../ui/icons";
import { isFinalFailure } from "./ticket-view";

const ICONS: Partial<Record<FailureKind, typeof AlertIcon>> = {
  offline: OfflineIcon,
  unreachable: OfflineIcon,
  timeout: OfflineIcon,
  not_found: SearchIcon,
  bad_reference: SearchIcon,
  token_missing: LockIcon,
};

type TicketProblemProps = { failure: Failure; reference: string; onRetry: () => void };

export function TicketProblem({ failure, reference, onRetry }: TicketProblemProps) {
  const ProblemIcon = ICONS[failure.kind] ?? AlertIcon;
  const isFinal = isFinalFailure(failure);
  const words = isFinal ? copy.failure[failure.kind] : { title: copy.failure[failure.kind].title, text: copy.problem.text };
  return (
    <div className="mx-auto max-w-lg py-10 text-center sm:py-16" role="alert">
      <span className="mx-auto grid size-14 place-items-center rounded-2xl bg-accent-tint text-accent">
        <ProblemIcon className="size-7" />
      </span>
      <p className="mt-6 text-sm font-medium text-muted wrap-anywhere">{reference}</p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">{words.title}</h1>
      <p className="mt-2 text-muted">{words.text}</p>
      {!isFinal && (
        <p className="mt-4 flex items-center justify-center gap-2 text-sm text-muted">
          <SpinnerIcon className="size-4" />
          {copy.problem.retrying}
        </p>
      )}
      {failure.request_id !== null && !isFinal && (
        <p className="mt-4 text-sm text-muted wrap-anywhere">{copy.requestId(failure.request_id)}</p>
      )}
      <div className="mt-8">
        {isFinal ? (
          <a href="/" className="button button-primary">
            {copy.notFound.action}
          </a>
        ) : (
          <button type="button" className="button button-primary" onClick={onRetry}>
            {copy.tryAgain}
          </button>
        )}
      </div>
    </div>
  );
}
