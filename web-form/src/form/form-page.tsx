/** The support form: a page of its own, or the receipt once the request is filed. */
import { useEffect, useRef } from "react";
import type { SupportConfig } from "../api/contract";
import { copy } from "../copy";
import { useTitle } from "../ui/use-title";
import { NextSteps } from "./next-steps";
import { ReceivedCard } from "./received-card";
import { FormSkeleton } from "./form-skeleton";
import { SupportForm } from "./support-form";
import { useSupportForm } from "./use-support-form";

export function FormPage({ config }: { config: SupportConfig | null }) {
  useTitle(copy.form.title, copy.supportOf(config?.company ?? ""));
  return config === null ? <FormSkeleton /> : <LoadedFormPage config={config} />;
}

function LoadedFormPage({ config }: { config: SupportConfig }) {
  const form = useSupportForm(config);
  const headingRef = useRef<HTMLHeadingElement>(null);
  const isReceived = form.stored !== null;
  const wasReceived = useRef(isReceived);

  // The receipt and the fresh form each replace the page: tell it by moving the focus to its heading.
  useEffect(() => {
    if (wasReceived.current !== isReceived) {
      headingRef.current?.focus();
      window.scrollTo({ top: 0 });
    }
    wasReceived.current = isReceived;
  }, [isReceived]);

  if (form.stored !== null) {
    return <ReceivedCard stored={form.stored} headingRef={headingRef} onAgain={form.startOver} />;
  }
  return (
    <div className="grid gap-x-16 gap-y-8 lg:grid-cols-[minmax(0,1fr)_minmax(0,40rem)]">
      <div className="lg:pt-4">
        <h1
          ref={headingRef}
          tabIndex={-1}
          className="text-3xl leading-tight font-semibold tracking-tight sm:text-4xl"
        >
          {copy.form.title}
        </h1>
        <p className="mt-3 max-w-prose text-lg text-muted">{copy.form.lead(config.product)}</p>
        <div className="mt-10 hidden lg:block">
          <NextSteps />
        </div>
      </div>
      <SupportForm config={config} form={form} />
      <div className="lg:hidden">
        <NextSteps />
      </div>
    </div>
  );
}
