/** The form's state: values, errors, sending. The rules are `validation.ts`, the words `copy.ts`. */
import { useEffect, useState } from "react";
import { submitTicket } from "../api/client";
import type { SupportConfig } from "../api/contract";
import { isWorthRetrying, type Failure } from "../api/failure";
import { keyFor } from "../api/idempotency";
import { copy } from "../copy";
import { fileReceipt, forgetReceipt, loadDraft, loadKey, loadReceipt, saveDraft, saveKey, type StoredReceipt } from "./draft";
import {
  EMPTY_VALUES,
  fieldError,
  mapServerErrors,
  toSubmission,
  validate,
  type FieldErrors,
  type FieldName,
  type Values,
} from "./validation";

export type Phase = "editing" | "sending";

export type FailedSend = { failure: Failure; retryAt_ms: number | null; details: string[] };

/** How a submit ended, for the page to move the focus. */
export type SubmitEnd = "invalid" | "failed" | "received";

/** Without a `Retry-After`, a limited sender still waits a little. */
const DEFAULT_WAIT_S = 10;

function withDefaults(values: Values, config: SupportConfig): Values {
  const offersPriority = config.priorities.some(({ value }) => value === values.priority);
  return offersPriority ? values : { ...values, priority: config.priorities[0]?.value ?? values.priority };
}

export function useSupportForm(config: SupportConfig) {
  const [values, setValues] = useState<Values>(() => withDefaults(loadDraft(), config));
  const [errors, setErrors] = useState<FieldErrors>({});
  const [showSummary, setShowSummary] = useState(false);
  const [phase, setPhase] = useState<Phase>("editing");
  const [failed, setFailed] = useState<FailedSend | null>(null);
  const [stored, setStored] = useState<StoredReceipt | null>(loadReceipt);
  const [touched, setTouched] = useState<ReadonlySet<FieldName>>(new Set());

  useEffect(() => {
    if (stored === null) saveDraft(values);
  }, [values, stored]);

  const setValue = (field: FieldName, value: string): void => {
    const next = { ...values, [field]: value };
    setValues(next);
    if (!touched.has(field)) setTouched(new Set([...touched, field]));
    // An error goes as soon as it is fixed; a new one waits for the blur.
    if (errors[field] !== undefined) {
      if (fieldError(field, next, config) === undefined) {
        const rest = { ...errors };
        // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a copy, keyed by our own names
        delete rest[field];
        setErrors(rest);
        if (Object.keys(rest).length === 0) setShowSummary(false);
      }
    }
  };

  /** Leaving a field judges it, except one never written in: tabbing past is not a mistake. */
  const checkField = (field: FieldName): void => {
    if (!touched.has(field)) return;
    const error = fieldError(field, values, config);
    if (error !== undefined) setErrors({ ...errors, [field]: error });
  };

  const onFailure = (failure: Failure): SubmitEnd => {
    const { fields, others } = mapServerErrors(failure.field_errors);
    if (failure.kind === "too_large" && fields.message === undefined) {
      fields.message = copy.errors.tooLong(config.limits.message_max);
    }
    setErrors(fields);
    const hasFields = Object.keys(fields).length > 0;
    setShowSummary(failure.kind === "invalid" && hasFields);
    const wait_s = failure.retry_after_s ?? (failure.kind === "rate_limited" ? DEFAULT_WAIT_S : null);
    const isWaiting = wait_s !== null && isWorthRetrying(failure.kind);
    // An unexplained refusal is explained by the server's own words, if any.
    const details = failure.kind === "invalid" && !hasFields && failure.detail !== null ? [failure.detail, ...others] : others;
    setFailed({ failure, retryAt_ms: isWaiting ? Date.now() + wait_s * 1000 : null, details });
    return "failed";
  };

  const submit = async (): Promise<SubmitEnd> => {
    const found = validate(values, config);
    setErrors(found);
    setFailed(null);
    if (Object.keys(found).length > 0) {
      setShowSummary(true);
      return "invalid";
    }
    setShowSummary(false);
    setPhase("sending");
    const submission = toSubmission(values);
    const keyed = keyFor(JSON.stringify(submission), loadKey());
    saveKey(keyed);
    const outcome = await submitTicket(submission, keyed.key);
    setPhase("editing");
    if (!outcome.ok) return onFailure(outcome.failure);
    const receipt = { receipt: outcome.value, email: submission.email };
    fileReceipt(receipt);
    setStored(receipt);
    return "received";
  };

  const startOver = (): void => {
    forgetReceipt();
    // The same person asks again: their name and address need no retyping.
    setValues(withDefaults({ ...EMPTY_VALUES, name: values.name, email: values.email }, config));
    setErrors({});
    setTouched(new Set());
    setFailed(null);
    setStored(null);
  };

  return { values, errors, showSummary, phase, failed, stored, setValue, checkField, submit, startOver };
}
