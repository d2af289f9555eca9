/** Which key means what. Pure: takes what matters of a key press and says which command it is, or none. */

export type Command =
  | "palette" | "help" | "next" | "previous" | "open" | "reply" | "note" | "resolve" | "resolve-next" | "assign" | "snooze" | "label"
  | "macro" | "search" | "confirm" | "discard" | "back";

export type KeyPress = { key: string; ctrl: boolean; meta: boolean; alt: boolean; shift: boolean };

export type KeyContext = {
  /** Typing goes into a field: only chords with Ctrl or Cmd and Escape are commands. */
  inField: boolean;
  /** The focus is on a link or button, whose own Enter counts. */
  onControl: boolean;
  /** A dialog or menu is open: its own keys count. */
  inDialog: boolean;
  /** The operator's choice (WCAG 2.1.4). */
  singleKeys: boolean;
};

const SINGLE: Record<string, Command> = {
  j: "next", k: "previous", r: "reply", n: "note", e: "resolve", E: "resolve-next", a: "assign", s: "snooze", l: "label", m: "macro",
  "/": "search", x: "discard", "?": "help",
};

export function commandFor(press: KeyPress, context: KeyContext): Command | null {
  const chord = press.ctrl || press.meta;
  if (chord && !press.alt && press.key.toLowerCase() === "k") return "palette";
  if (context.inDialog) return null;
  if (chord && press.key === "Enter") return context.inField ? null : "confirm";
  if (chord || press.alt) return null;
  if (press.key === "Escape") return "back";
  if (context.inField) return null;
  if (press.key === "Enter") return context.onControl ? null : "open";
  if (!context.singleKeys) return null;
  return SINGLE[press.key] ?? (press.shift ? null : SINGLE[press.key.toLowerCase()]) ?? null;
}

export type KeyHelp = { keys: string[]; text: string };

/** For the help dialog, in reading order. */
export const KEY_HELP: { title: string; rows: KeyHelp[] }[] = [
  {
    title: "Everywhere",
    rows: [
      { keys: ["Ctrl", "K"], text: "Commands, and go to any screen" },
      { keys: ["/"], text: "Search; in the composer, macros" },
      { keys: ["?"], text: "This help" },
      { keys: ["Esc"], text: "Close, or back to the list" },
    ],
  },
  {
    title: "In a list",
    rows: [
      { keys: ["J"], text: "Next conversation" },
      { keys: ["K"], text: "Previous conversation" },
      { keys: ["Enter"], text: "Open" },
    ],
  },
  {
    title: "In a conversation",
    rows: [
      { keys: ["R"], text: "Reply" },
      { keys: ["N"], text: "Internal note" },
      { keys: ["M"], text: "Insert a macro" },
      { keys: ["Ctrl", "Enter"], text: "Send what is written" },
      { keys: ["E"], text: "Close" },
      { keys: ["Shift", "E"], text: "Close and go to the next" },
      { keys: ["A"], text: "Assign" },
      { keys: ["S"], text: "Snooze" },
      { keys: ["L"], text: "Label" },
    ],
  },
  {
    title: "On the assistant's draft",
    rows: [
      { keys: ["Enter"], text: "Edit the draft" },
      { keys: ["Ctrl", "Enter"], text: "Approve and send" },
      { keys: ["X"], text: "Discard, with a reason" },
    ],
  },
];
