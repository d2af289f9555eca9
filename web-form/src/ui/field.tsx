/** A labelled form control with its hint and its error, tied together for assistive technology. */
import type { ComponentProps, ReactNode } from "react";
import type { Choice } from "../api/contract";
import { copy } from "../copy";
import { AlertIcon, ChevronDownIcon } from "./icons";

export type FieldFrame = {
  id: string;
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  isOptional?: boolean;
};

export function describedBy({ id, hint, error }: FieldFrame, ...more: string[]): string | undefined {
  const ids = [error === undefined ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`, ...more];
  return ids.filter((part) => part !== "").join(" ") || undefined;
}

export function Field({ id, label, hint, error, isOptional, children, aside }: FieldFrame & { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-[0.9375rem] font-medium">
          {label}
          {isOptional === true && <span className="font-normal text-muted"> ({copy.form.optional})</span>}
        </label>
        {aside}
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="-mt-0.5 mb-2 text-sm text-muted">
          {hint}
        </p>
      )}
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className="mt-1.5 flex items-start gap-1.5 text-sm font-medium text-danger">
          <AlertIcon className="mt-px size-[1.125rem]" />
          {error}
        </p>
      )}
    </div>
  );
}

export function TextInput({ frame, ...input }: { frame: FieldFrame } & ComponentProps<"input">) {
  return (
    <Field {...frame}>
      <input
        {...input}
        id={frame.id}
        className="control"
        aria-invalid={frame.error !== undefined}
        aria-describedby={describedBy(frame)}
      />
    </Field>
  );
}

type SelectProps = { frame: FieldFrame; choices: Choice[]; placeholder?: string } & ComponentProps<"select">;

export function Select({ frame, choices, placeholder, ...select }: SelectProps) {
  return (
    <Field {...frame}>
      <div className="relative">
        <select
          {...select}
          id={frame.id}
          className="control"
          aria-invalid={frame.error !== undefined}
          aria-describedby={describedBy(frame)}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <ChevronDownIcon className="pointer-events-none absolute end-3.5 top-1/2 size-4 -translate-y-1/2 text-muted" />
      </div>
    </Field>
  );
}
