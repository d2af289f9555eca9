/** The widget's look. A page changes it by custom properties on the element: --frontdesk-accent, --frontdesk-on-accent, --frontdesk-surface,
 * --frontdesk-text, --frontdesk-muted, --frontdesk-line, --frontdesk-control, --frontdesk-danger, --frontdesk-radius, --frontdesk-font. */
export const STYLES = `
:host {
  --accent: var(--frontdesk-accent, #17624e); --on-accent: var(--frontdesk-on-accent, #fff); --surface: var(--frontdesk-surface, #fff);
  --text: var(--frontdesk-text, #18211d); --muted: var(--frontdesk-muted, #55625b); --line: var(--frontdesk-line, #dfe4df);
  --control: var(--frontdesk-control, #7d8a83); --danger: var(--frontdesk-danger, #b3261e); --radius: var(--frontdesk-radius, 10px);
  display: block; color: var(--text); font: 400 15px/1.5 var(--frontdesk-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif); text-align: start;
}
@media (prefers-color-scheme: dark) {
  :host(:not([theme=light])) {
    --accent: var(--frontdesk-accent, #6bd0ae); --on-accent: var(--frontdesk-on-accent, #06261c); --surface: var(--frontdesk-surface, #161d1a);
    --text: var(--frontdesk-text, #e8efeb); --muted: var(--frontdesk-muted, #a3b1aa); --line: var(--frontdesk-line, #2b3631);
    --control: var(--frontdesk-control, #74837b); --danger: var(--frontdesk-danger, #ff9d92); color-scheme: dark;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 20px; }
:host([bare]) .card { border: 0; padding: 16px; border-radius: 0; }
h2 { margin: 0 0 4px; font-size: 18px; line-height: 1.3; letter-spacing: -0.01em; }
p { margin: 0; } .muted { color: var(--muted); font-size: 13px; }
form { display: grid; gap: 14px; margin-top: 14px; }
label { display: block; font-size: 14px; font-weight: 600; margin-bottom: 4px; }
input, select, textarea { width: 100%; min-height: 42px; padding: 9px 11px; border: 1px solid var(--control); border-radius: calc(var(--radius) * .8); background: var(--surface); color: inherit; font: inherit; }
textarea { min-height: 104px; resize: vertical; }
[aria-invalid=true] { border-color: var(--danger); }
.error { color: var(--danger); font-size: 13px; font-weight: 600; margin-top: 4px; }
.notice { border: 1px solid var(--danger); border-radius: calc(var(--radius) * .8); padding: 10px 12px; color: var(--danger); font-size: 14px; }
button { min-height: 42px; padding: 9px 16px; border: 1px solid transparent; border-radius: calc(var(--radius) * .8); background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button.plain { background: transparent; border-color: var(--control); color: inherit; }
button:disabled { opacity: .6; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.thread { display: grid; gap: 12px; margin: 14px 0; padding: 0; list-style: none; }
.bubble { border: 1px solid var(--line); border-radius: var(--radius); padding: 10px 13px; overflow-wrap: anywhere; }
.bubble > * + * { margin-top: 8px; } .bubble ol, .bubble ul { padding-inline-start: 22px; margin-bottom: 0; }
.bubble.ours { border-color: color-mix(in srgb, var(--accent) 40%, var(--line)); background: color-mix(in srgb, var(--accent) 8%, var(--surface)); }
.who { font-size: 12px; color: var(--muted); margin-bottom: 2px; }
.sources { margin: 6px 0 0; padding: 0; list-style: none; font-size: 13px; } a { color: var(--accent); }
.stage { display: flex; align-items: center; gap: 8px; font-weight: 600; font-size: 14px; }
.dot { width: 9px; height: 9px; border-radius: 50%; background: var(--accent); animation: pulse 1.2s ease-in-out infinite alternate; }
.stage.settled .dot { animation: none; }
@keyframes pulse { to { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .dot { animation: none; } }
.quiet { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;

export const CHAT_STYLES = `
:host { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; font: 600 15px/1.4 var(--frontdesk-font, system-ui, sans-serif); }
:host([side=start]) { inset-inline: 20px auto; }
[hidden] { display: none !important; }
.launch { display: inline-flex; align-items: center; gap: 8px; min-height: 52px; padding: 0 20px; border: 0; border-radius: 999px; background: var(--frontdesk-accent, #17624e); color: var(--frontdesk-on-accent, #fff); font: inherit; cursor: pointer; box-shadow: 0 8px 28px -8px rgb(0 0 0 / 45%); }
.launch svg { flex: none; }
:focus-visible { outline: 2px solid var(--frontdesk-accent, #17624e); outline-offset: 2px; }
.panel { position: absolute; inset-block-end: 64px; inset-inline-end: 0; width: min(390px, calc(100vw - 40px)); max-height: min(640px, calc(100vh - 120px)); overflow: auto; border: 1px solid var(--frontdesk-line, #dfe4df); border-radius: 16px; background: var(--frontdesk-surface, #fff); box-shadow: 0 24px 64px -16px rgb(0 0 0 / 40%); }
:host([side=start]) .panel { inset-inline: 0 auto; }
@media (prefers-color-scheme: dark) {
  :host(:not([theme=light])) .panel { background: var(--frontdesk-surface, #161d1a); border-color: var(--frontdesk-line, #2b3631); }
  :host(:not([theme=light])) .launch { background: var(--frontdesk-accent, #6bd0ae); color: var(--frontdesk-on-accent, #06261c); }
}
@media (max-width: 480px) { .panel { position: fixed; inset: auto 0 0 0; width: 100%; max-height: 88vh; border-radius: 16px 16px 0 0; inset-block-end: 84px; } }
`;
