/** A message about the page itself: what happened and what to do. */
import type { ReactNode, Ref } from "react";
import type { Failure } from "../api/failure";
import { copy } from "../copy";
import { AlertIcon, OfflineIcon } from "./icons";

type Tone = "danger" | "caution";

const TONES: Record<Tone, { box: string; icon: string }> = {
  danger: { box: "border-danger-line bg-danger-tint", icon: "text-danger" },
  caution: { box: "border-caution-line bg-caution-tint", icon: "text-caution" },
};

type BannerProps = {
  tone: Tone;
  title: string;
  icon?: ReactNode;
  ref?: Ref<HTMLDivElement>;
  children?: ReactNode;
};

export function Banner({ tone, title, icon, ref, children }: BannerProps) {
  const { box, icon: colour } = TONES[tone];
  return (
    <div ref={ref} tabIndex={-1} role="alert" className={`flex gap-3 rounded-xl border p-4 ${box}`}>
      <span className={`mt-px ${colour}`}>{icon ?? <AlertIcon />}</span>
      <div className="min-w-0 space-y-1">
        <p className={`font-semibold ${colour}`}>{title}</p>
        {children}
      </div>
    </div>
  );
}

type FailureBannerProps = { failure: Failure; ref?: Ref<HTMLDivElement>; details?: string[]; children?: ReactNode };

/** A failed request in the reader's terms, with the request's number when ours is the fault. */
export function FailureBanner({ failure, ref, details = [], children }: FailureBannerProps) {
  const { title, text } = copy.failure[failure.kind];
  const isOurs = failure.kind === "server" || failure.kind === "unavailable";
  const isOfTheLine = failure.kind === "offline" || failure.kind === "unreachable" || failure.kind === "timeout";
  return (
    <Banner
      tone={isOfTheLine || failure.kind === "rate_limited" ? "caution" : "danger"}
      title={title}
      icon={isOfTheLine ? <OfflineIcon /> : undefined}
      {...(ref === undefined ? {} : { ref })}
    >
      <p>{text}</p>
      {details.map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
      {isOurs && failure.request_id !== null && (
        <p className="text-sm text-muted wrap-anywhere">{copy.requestId(failure.request_id)}</p>
      )}
      {children}
    </Banner>
  );
}
