/** The receipt: the reference, the private link, and what to expect. */
import type { RefObject } from "react";
import { copy } from "../copy";
import { CopyButton } from "../ui/copy-button";
import { ArrowIcon, CheckIcon, LinkIcon, LockIcon, PersonIcon, SparkIcon } from "../ui/icons";
import type { StoredReceipt } from "./draft";

type ReceivedCardProps = {
  stored: StoredReceipt;
  headingRef: RefObject<HTMLHeadingElement | null>;
  onAgain: () => void;
};

export function ReceivedCard({ stored: { receipt }, headingRef, onAgain }: ReceivedCardProps) {
  const link = new URL(receipt.status_url, window.location.origin).href;
  return (
    <div className="mx-auto max-w-xl">
      <div className="card p-6 sm:p-10">
        <span className="grid size-12 place-items-center rounded-2xl bg-accent text-on-accent">
          <CheckIcon className="size-6" />
        </span>
        <h1 ref={headingRef} tabIndex={-1} className="mt-5 text-2xl font-semibold tracking-tight sm:text-3xl">
          {copy.received.title}
        </h1>
        {receipt.message !== "" && <p className="mt-2 text-muted">{receipt.message}</p>}

        <div className="mt-7 rounded-xl border border-accent-line bg-accent-tint p-4 sm:p-5">
          <p className="text-sm text-muted">{copy.received.reference}</p>
          <p className="mt-1 text-[1.375rem] leading-snug font-semibold tracking-wide wrap-anywhere select-all sm:text-[1.75rem]">
            {receipt.ticket_id}
          </p>
          <div className="mt-4 flex flex-wrap gap-2 print:hidden">
            <CopyButton text={receipt.ticket_id} label={copy.received.copyReference} />
            <CopyButton text={link} label={copy.received.copyLink} icon={<LinkIcon className="size-4" />} />
          </div>
        </div>

        <ul className="mt-7 space-y-4">
          <li className="flex gap-3">
            <SparkIcon className="mt-0.5 text-accent" />
            <p>{copy.received.expectation}</p>
          </li>
          <li className="flex gap-3">
            <PersonIcon className="mt-0.5 text-accent" />
            <p>{copy.received.person(receipt.estimated_response_time)}</p>
          </li>
          <li className="flex gap-3">
            <LockIcon className="mt-0.5 text-accent" />
            <p>{copy.received.keep}</p>
          </li>
        </ul>

        <div className="mt-9 flex flex-col gap-3 sm:flex-row print:hidden">
          <a href={receipt.status_url} className="button button-primary">
            {copy.received.open}
            <ArrowIcon className="size-[1.125rem]" />
          </a>
          <button type="button" className="button button-quiet" onClick={onAgain}>
            {copy.received.again}
          </button>
        </div>
      </div>
    </div>
  );
}
