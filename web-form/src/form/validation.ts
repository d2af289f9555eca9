/** The form's rules. They mirror the server's, which stays the judge. Pure. */
import type { Limits, Submission, SupportConfig } from "../api/contract";
import { copy } from "../copy";

export type Values = {
  name: string;
  email: string;
  category: string;
  priority: string;
  plan: string;
  subject: string;
  message: string;
};

export type FieldName = keyof Values;
export type FieldErrors = Partial<Record<FieldName, string>>;

/** In the order they stand on the page: the first invalid one is focused. */
export const FIELD_ORDER: readonly FieldName[] = ["name", "email", "category", "priority", "plan", "subject", "message"];

export const EMPTY_VALUES: Values = {
  name: "",
  email: "",
  category: "",
  priority: "medium",
  plan: "",
  subject: "",
  message: "",
};

/** Length as the server counts it: Unicode characters, not UTF-16 units. */
export function characterCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    const isSurrogatePair =
      unit >= 0xd800 && unit <= 0xdbff && index + 1 < text.length && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
    if (isSurrogatePair) index += 1;
    count += 1;
  }
  return count;
}

/** One `@`, a dotted domain, no spaces: the rest only a mail can prove. */
export function looksLikeEmail(address: string): boolean {
  if (address.length > 254 || !/^[^\s@<>(),;:"\\[\]]{1,64}@[^\s@<>(),;:"\\[\]]+$/.test(address)) return false;
  const [local, domain] = address.split("@") as [string, string];
  if (local.startsWith(".") || local.endsWith(".") || local.includes("..")) return false;
  const labels = domain.split(".");
  return (
    labels.length >= 2 &&
    labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

function lengthError(field: "name" | "subject" | "message", value: string, limits: Limits): string | undefined {
  const length = characterCount(value.trim());
  const shortest = limits[`${field}_min`];
  const longest = limits[`${field}_max`];
  if (length === 0) return copy.errors[field].empty;
  if (length < shortest) return copy.errors[field].short(shortest);
  if (length > longest) return copy.errors.tooLong(longest);
  return undefined;
}

export function fieldError(field: FieldName, values: Values, config: SupportConfig): string | undefined {
  const isOffered = (choices: { value: string }[], value: string): boolean =>
    choices.some((choice) => choice.value === value);
  switch (field) {
    case "name":
    case "subject":
    case "message":
      return lengthError(field, values[field], config.limits);
    case "email": {
      const address = values.email.trim();
      if (address === "") return copy.errors.email.empty;
      return looksLikeEmail(address) ? undefined : copy.errors.email.invalid;
    }
    case "category":
      return isOffered(config.categories, values.category) ? undefined : copy.errors.category;
    case "priority":
      return isOffered(config.priorities, values.priority) ? undefined : copy.errors.priority;
    case "plan":
      return values.plan === "" || isOffered(config.plans, values.plan) ? undefined : copy.errors.plan;
  }
}

export function validate(values: Values, config: SupportConfig): FieldErrors {
  const errors: FieldErrors = {};
  for (const field of FIELD_ORDER) {
    const error = fieldError(field, values, config);
    if (error !== undefined) errors[field] = error;
  }
  return errors;
}

export function firstInvalid(errors: FieldErrors): FieldName | undefined {
  return FIELD_ORDER.find((field) => errors[field] !== undefined);
}

export function toSubmission(values: Values): Submission {
  const submission: Submission = {
    name: values.name.trim(),
    email: values.email.trim(),
    subject: values.subject.trim(),
    category: values.category,
    message: values.message.trim(),
    priority: values.priority,
  };
  return values.plan === "" ? submission : { ...submission, plan: values.plan };
}

/** The server's complaints, split into those that have a field here and the rest. */
export function mapServerErrors(byField: Record<string, string>): { fields: FieldErrors; others: string[] } {
  const fields: FieldErrors = {};
  const others: string[] = [];
  for (const [name, message] of Object.entries(byField)) {
    const field = FIELD_ORDER.find((known) => known === name);
    if (field === undefined) others.push(message);
    else fields[field] = message;
  }
  return { fields, others };
}
