import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";

type Frame = { label: string; hint?: string | undefined; error?: string | undefined; hideLabel?: boolean };

function Labelled({ id, label, hint, error, hideLabel = false, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1 block text-sm font-medium"}>
        {label}
      </label>
      {children}
      {hint !== undefined && error === undefined && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="mt-1 text-xs font-medium text-brick">
          {error}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, { hint, error }: Frame): Record<string, string | boolean> {
  if (error !== undefined) return { "aria-describedby": `${id}-error`, "aria-invalid": true };
  return hint === undefined ? {} : { "aria-describedby": `${id}-hint` };
}

export function TextField({ label, hint, error, hideLabel, className = "", ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const frame = { label, hint, error, hideLabel: hideLabel ?? false };
  return (
    <Labelled id={id} {...frame}>
      <input id={id} className={`input ${className}`} {...describedBy(id, frame)} {...rest} />
    </Labelled>
  );
}

export function TextArea({ label, hint, error, hideLabel, className = "", ...rest }: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  const frame = { label, hint, error, hideLabel: hideLabel ?? false };
  return (
    <Labelled id={id} {...frame}>
      <textarea id={id} className={`input ${className}`} {...describedBy(id, frame)} {...rest} />
    </Labelled>
  );
}

export function SelectField({ label, hint, error, hideLabel, className = "", children, ...rest }: Frame & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const frame = { label, hint, error, hideLabel: hideLabel ?? false };
  return (
    <Labelled id={id} {...frame}>
      <select id={id} className={`input ${className}`} {...describedBy(id, frame)} {...rest}>
        {children}
      </select>
    </Labelled>
  );
}

export function Switch({ label, hint, checked, onChange, disabled = false }: { label: string; hint?: string; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <label htmlFor={id} className="flex items-start gap-3">
      <input id={id} type="checkbox" role="switch" className="peer sr-only" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span
        aria-hidden="true"
        className="mt-0.5 h-5 w-9 flex-none rounded-full border border-control bg-sunken p-0.5 peer-checked:border-pine peer-checked:bg-pine peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-pine peer-checked:[&>span]:translate-x-4 rtl:peer-checked:[&>span]:-translate-x-4"
      >
        <span className="block size-3.5 rounded-full bg-raised ring-1 ring-control transition-transform" />
      </span>
      <span>
        <span className="block text-sm font-medium">{label}</span>
        {hint !== undefined && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}
