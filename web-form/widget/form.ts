/** The form's fields inside the widget, with the same rules as the box's own page. */
import type { Receipt, SupportConfig } from "../src/api/contract";
import { submitTicket } from "../src/api/client";
import { type KeyedContent, keyFor } from "../src/api/idempotency";
import { copy } from "../src/copy";
import { EMPTY_VALUES, type FieldErrors, type FieldName, firstInvalid, mapServerErrors, toSubmission, validate, type Values } from "../src/form/validation";
import { element } from "./dom";

type Field = { name: FieldName; label: string; control: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement; error: HTMLElement };

const LABELS = { name: "Your name", email: "Email", category: "What is it about?", subject: "Subject", message: "How can we help?" } as const;
type Shown = keyof typeof LABELS;

function field(name: Shown, config: SupportConfig): Field {
  const id = `fd-${name}`;
  const common = { id, name, "aria-describedby": `${id}-error` };
  const control =
    name === "message"
      ? element("textarea", { ...common, rows: "4", maxlength: String(config.limits.message_max), required: true })
      : name === "category"
        ? element("select", common, ...config.categories.map(({ value, label }) => element("option", { value }, label)))
        : element("input", { ...common, type: name === "email" ? "email" : "text", autocomplete: name === "subject" ? "off" : name, required: true });
  return { name, label: LABELS[name], control, error: element("p", { id: `${id}-error`, class: "error", hidden: true }) };
}

function showErrors(fields: Field[], errors: FieldErrors): void {
  for (const { name, control, error } of fields) {
    const text = errors[name];
    error.textContent = text ?? "";
    error.hidden = text === undefined;
    if (text === undefined) control.removeAttribute("aria-invalid");
    else control.setAttribute("aria-invalid", "true");
  }
}

function words(kind: string): { title: string; text: string } {
  const known: Record<string, { title: string; text: string } | undefined> = copy.failure;
  return known[kind] ?? copy.failure.unavailable;
}

/** `onReceived` gets the receipt and what the customer wrote. */
export function buildForm(config: SupportConfig, onReceived: (receipt: Receipt, text: string) => void): HTMLFormElement {
  const fields = (["name", "email", "category", "subject", "message"] as const).map((name) => field(name, config));
  const notice = element("p", { class: "notice", role: "alert", hidden: true });
  const button = element("button", { type: "submit" }, "Send");
  let keyed: KeyedContent | null = null;
  let isSending = false;

  const read = (): Values => {
    const values = { ...EMPTY_VALUES };
    for (const { name, control } of fields) values[name] = control.value;
    return values;
  };
  const focusFirst = (errors: FieldErrors): void => {
    const first = firstInvalid(errors);
    fields.find(({ name }) => name === first)?.control.focus();
  };
  const send = async (): Promise<void> => {
    const values = read();
    const errors = validate(values, config);
    showErrors(fields, errors);
    notice.hidden = true;
    if (Object.keys(errors).length > 0) {
      focusFirst(errors);
      return;
    }
    isSending = true;
    button.disabled = true;
    button.textContent = "Sending…";
    const submission = toSubmission(values);
    keyed = keyFor(JSON.stringify(submission), keyed);
    const outcome = await submitTicket(submission, keyed.key);
    isSending = false;
    button.disabled = false;
    button.textContent = "Send";
    if (outcome.ok) {
      onReceived(outcome.value, values.message.trim());
      return;
    }
    const mapped = mapServerErrors(outcome.failure.field_errors);
    showErrors(fields, mapped.fields);
    focusFirst(mapped.fields);
    const { title, text } = words(outcome.failure.kind);
    notice.textContent = [`${title}. ${text}`, ...mapped.others].join(" ");
    notice.hidden = false;
  };

  return element(
    "form",
    {
      novalidate: true,
      submit: (event: Event) => {
        event.preventDefault();
        if (!isSending) void send();
      },
    },
    notice,
    ...fields.map(({ label, control, error }) => element("div", {}, element("label", { for: control.id }, label), control, error)),
    element("p", { class: "muted" }, [config.disclosure, config.privacy_note].filter((text) => text !== null && text !== "").join(" ")),
    element("div", {}, button),
  );
}
