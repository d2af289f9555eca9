/** What an operator does with the assistant's draft, as a pure state machine: reading, editing, sending, discarding; void and decided end it. */

export type DraftState =
  | { phase: "reading" }
  | { phase: "editing"; text: string }
  | { phase: "sending"; text: string | null }
  | { phase: "discarding"; reason: string }
  | { phase: "void" }
  | { phase: "decided" };

export type DraftEvent =
  | { type: "edit"; text: string }
  | { type: "typed"; text: string }
  | { type: "cancel" }
  | { type: "send" }
  | { type: "discard" }
  | { type: "reason"; reason: string }
  | { type: "voided" }
  | { type: "failed"; code: string }
  | { type: "done" };

export const reading: DraftState = { phase: "reading" };

export function draftReducer(state: DraftState, event: DraftEvent): DraftState {
  // A newer message wins over everything but what is on its way already.
  if (event.type === "voided") return state.phase === "decided" ? state : { phase: "void" };
  switch (state.phase) {
    case "reading":
      if (event.type === "edit") return { phase: "editing", text: event.text };
      if (event.type === "send") return { phase: "sending", text: null };
      if (event.type === "discard") return { phase: "discarding", reason: "" };
      return state;
    case "editing":
      if (event.type === "typed") return { phase: "editing", text: event.text };
      if (event.type === "cancel") return reading;
      if (event.type === "send" && state.text.trim() !== "") return { phase: "sending", text: state.text };
      return state;
    case "discarding":
      if (event.type === "reason") return { phase: "discarding", reason: event.reason };
      if (event.type === "cancel") return reading;
      if (event.type === "done") return { phase: "decided" };
      if (event.type === "failed") return afterFailure(event.code, reading);
      return state;
    case "sending":
      if (event.type === "done") return { phase: "decided" };
      if (event.type === "failed") return afterFailure(event.code, state.text === null ? reading : { phase: "editing", text: state.text });
      return state;
    default:
      return state;
  }
}

/** What was typed is never lost to a failure, unless the draft itself is no more. */
function afterFailure(code: string, back: DraftState): DraftState {
  if (code === "draft_void") return { phase: "void" };
  if (code === "draft_decided") return { phase: "decided" };
  return back;
}
