/** The form itself: fields, error summary, failure banner, send button. */
import { useRef, type FocusEvent, type SyntheticEvent } from "react";
import type { SupportConfig } from "../api/contract";
import { copy } from "../copy";
import { Banner, FailureBanner } from "../ui/banner";
import { CharacterCounter } from "../ui/character-counter";
import { describedBy, Field, Select, TextInput, type FieldFrame } from "../ui/field";
import { LockIcon, SendIcon, SpinnerIcon } from "../ui/icons";
import { useCountdown } from "../ui/use-countdown";
import type { useSupportForm } from "./use-support-form";
import { characterCount, FIELD_ORDER, type FieldErrors, type FieldName } from "./validation";

const fieldId = (field: FieldName): string => `field-${field}`;

type SupportFormProps = { config: SupportConfig; form: ReturnType<typeof useSupportForm> };

export function SupportForm({ config, form }: SupportFormProps) {
  const { values, errors, phase, failed } = form;
  const formRef = useRef<HTMLFormElement>(null);
  const bannerRef = useRef<HTMLDivElement>(null);
  const waitLeft_s = useCountdown(failed?.retryAt_ms ?? null);
  const isSending = phase === "sending";
  const isWaiting = waitLeft_s > 0;

  const onSubmit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isSending || isWaiting) return;
    void form.submit().then((end) => {
      // After the update is on the page: the first wrong field, or what went wrong.
      requestAnimationFrame(() => {
        const invalid = formRef.current?.querySelector<HTMLElement>("[aria-invalid='true']");
        if (end === "received") return;
        if (invalid) invalid.focus();
        else bannerRef.current?.focus();
      });
    });
  };

  const frame = (field: FieldName, label: string, more: Partial<FieldFrame> = {}): FieldFrame => ({
    id: fieldId(field),
    label,
    error: errors[field],
    ...more,
  });
  const bind = (field: FieldName) => ({
    name: field,
    value: values[field],
    disabled: isSending,
    required: field !== "plan",
    onChange: (event: { target: { value: string } }) => {
      form.setValue(field, event.target.value);
    },
    onBlur: (event: FocusEvent) => {
      // Leaving the page is not leaving the field.
      if (document.activeElement !== event.target) form.checkField(field);
    },
  });

  const messageFrame = frame("message", copy.form.message, { hint: copy.form.messageHint });
  return (
    <form ref={formRef} noValidate onSubmit={onSubmit} className="card p-5 sm:p-8" aria-labelledby="form-heading">
      <h2 id="form-heading" className="text-xl font-semibold tracking-tight">
        {copy.form.heading}
      </h2>
      <p className="mt-1 text-sm text-muted">{copy.form.required}</p>

      <div className="mt-6 space-y-6">
        {form.showSummary && <ErrorSummary errors={errors} />}
        {failed !== null && !form.showSummary && (
          <FailureBanner failure={failed.failure} details={failed.details} ref={bannerRef} />
        )}
        <div className="grid gap-6 sm:grid-cols-2">
          <TextInput
            frame={frame("name", copy.form.name)}
            type="text"
            autoComplete="name"
            maxLength={config.limits.name_max}
            {...bind("name")}
          />
          <TextInput
            frame={frame("email", copy.form.email)}
            type="email"
            inputMode="email"
            autoComplete="email"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={254}
            {...bind("email")}
          />
          <Select
            frame={frame("category", copy.form.category)}
            choices={config.categories}
            placeholder={copy.form.categoryPlaceholder}
            {...bind("category")}
          />
          <Select frame={frame("priority", copy.form.priority)} choices={config.priorities} {...bind("priority")} />
          {config.plans.length > 0 && (
            <div className="sm:col-span-2">
              <Select
                frame={frame("plan", copy.form.plan, { isOptional: true })}
                choices={config.plans}
                placeholder={copy.form.planPlaceholder}
                {...bind("plan")}
              />
            </div>
          )}
        </div>
        <TextInput
          frame={frame("subject", copy.form.subject)}
          type="text"
          maxLength={config.limits.subject_max}
          {...bind("subject")}
        />
        <Field
          {...messageFrame}
          aside={
            <CharacterCounter id="message-count" used={characterCount(values.message)} limit={config.limits.message_max} />
          }
        >
          <textarea
            {...bind("message")}
            id={messageFrame.id}
            className="control max-h-[32rem] min-h-40"
            rows={6}
            dir="auto"
            maxLength={config.limits.message_max}
            aria-invalid={messageFrame.error !== undefined}
            aria-describedby={describedBy(messageFrame, "message-count")}
          />
        </Field>
      </div>

      <div className="mt-8 flex flex-col gap-x-6 gap-y-4 sm:flex-row sm:items-center">
        <button
          type="submit"
          className="button button-primary w-full shrink-0 sm:w-auto sm:min-w-44"
          aria-disabled={isSending || isWaiting}
          aria-busy={isSending}
          // Pressing must not blur the field first: its error would move the button from under the pointer.
          onMouseDown={(event) => {
            event.preventDefault();
          }}
        >
          {isSending ? <SpinnerIcon className="size-[1.125rem]" /> : <SendIcon className="size-[1.125rem]" />}
          {isSending ? copy.form.sending : isWaiting ? copy.form.wait(waitLeft_s) : failed ? copy.form.sendAgain : copy.form.send}
        </button>
        <p role="status" className="sr-only">
          {isSending ? copy.form.sending : ""}
        </p>
        {config.privacy_note !== null && (
          <p className="flex gap-2 text-sm text-muted">
            <LockIcon className="mt-0.5 size-4" />
            {config.privacy_note}
          </p>
        )}
      </div>
    </form>
  );
}

/** Every wrong field as a link to it, read out as one message. */
function ErrorSummary({ errors }: { errors: FieldErrors }) {
  const wrong = FIELD_ORDER.flatMap((field) => (errors[field] === undefined ? [] : [{ field, error: errors[field] }]));
  return (
    <Banner tone="danger" title={copy.form.summaryTitle(wrong.length)}>
      <ul className="list-disc space-y-0.5 ps-5">
        {wrong.map(({ field, error }) => (
          <li key={field}>
            <a
              className="rounded underline underline-offset-2"
              href={`#${fieldId(field)}`}
              onClick={(event) => {
                event.preventDefault();
                document.getElementById(fieldId(field))?.focus();
              }}
            >
              {error}
            </a>
          </li>
        ))}
      </ul>
    </Banner>
  );
}
