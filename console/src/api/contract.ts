/**
 * The shapes of the console's HTTP interface under the names this console uses. They are read from openapi.d.ts, which `npm run types`
 * makes from what the program describes; only what that description leaves out is written here: problems, and live events.
 * Times are RFC 3339 strings in UTC; ids are UUIDs; a ticket is named by its reference.
 */
import type { components } from "./openapi";

type Schemas = components["schemas"];

export type Problem = {
  type: string;            // "urn:frontdesk:problem:<code>"
  title: string;
  status: number;
  detail: string;          // for people, English
  code: string;            // stable, for programs
  errors?: { field: string; code: string; message: string }[]; // 422 only
}
export type Page<T> = { items: T[]; next_cursor: string | null }

export type Role = Schemas["OperatorRole"];
export type Channel = Schemas["Channel"];
export type TicketStatus = Schemas["TicketStatus"];
export type Stage = Schemas["Stage"];
export type Plan = Schemas["Plan"];
export type Intent = Schemas["Intent"];
export type EscalationCategory = Schemas["EscalationCategory"];
export type Urgency = Schemas["Urgency"];
export type Sla = Schemas["SlaState"];
export type Decision = Schemas["DecisionView"]["decision"];

export type Setup = Schemas["Setup"];
export type SetupRequest = Schemas["SetupRequest"];
export type Company = Schemas["CompanySettings"];
export type SignIn = Schemas["SignIn"];
export type Me = Schemas["Me"];
export type Session = Schemas["SessionBody"];
export type TotpEnrolment = Schemas["TotpEnrolment"];
export type RecoveryCodes = Schemas["RecoveryCodes"];

export type Counts = Schemas["Counts"];
export type View = keyof Counts;
export type Colleague = Schemas["Colleague"];
export type Row = Schemas["Row"];
export type SearchHit = Schemas["SearchHit"];
export type CustomerHit = Schemas["CustomerHit"];
export type Team = Schemas["Team"];

export type ConversationDetail = Schemas["DetailBody"];
export type ThreadItem = Schemas["ThreadItem"];
export type ThreadMessage = Schemas["ThreadMessage"];
export type ThreadNote = Schemas["ThreadNote"];
export type ThreadEvent = Schemas["ThreadEvent"];
export type Source = Schemas["Source"];
export type CustomerPanel = Schemas["CustomerPanel"];
export type AssistantPanel = Schemas["AssistantPanel"];
export type Draft = Schemas["DraftView"];
export type TriageView = Schemas["TriageView"];
export type Signal = Schemas["Signal"];
export type Pending = Schemas["PendingReply"];
export type ActionResult = Schemas["ActionResult"];
export type Presence = Schemas["Presence"];
export type Escalation = Schemas["EscalationView"];

export type Document = Schemas["DocumentBody"];
/** A document with its text: here `passages` are the passages themselves, no longer their number. */
export type DocumentText = Omit<Document, "passages"> & { passages: Schemas["PassageBody"][]; markdown: string };
export type KnowledgeJob = Schemas["IntakeJob"];
export type Retrieved = Schemas["Retrieved"];
export type ConflictSide = Schemas["ConflictSide"];
export type Conflict = Schemas["ConflictBody"];
export type Gap = Schemas["GroupedGap"];
export type Report = Schemas["Report"];

export type User = Schemas["OperatorView"];
export type Token = Schemas["TokenView"];
export type NewMacro = Schemas["NewMacro"];
export type Macro = Schemas["MacroView"];
export type Policy = Schemas["Policy"];
export type TryRequest = Schemas["TryRequest"];
export type TryResult = Schemas["TryResult"];
export type Autonomy = Schemas["AutonomyEntry"];
export type BusinessHours = Schemas["Hours"];
export type AuditEntry = Schemas["AuditEntry"];
export type System = Schemas["System"];
export type Rating = Schemas["RatingView"];
export type Backup = Schemas["BackupView"];
export type Backups = Schemas["BackupList"];
export type Connection = Schemas["Connection"];
export type LedgerRow = Schemas["LedgerRow"];
export type LedgerCheck = Schemas["LedgerCheck"];

export type ConsoleEvent =
  | { event: "hello"; data: { version: string } }
  | { event: "reset"; data: Record<string, never> }
  | { event: "conversation"; data: { reference: string; status: TicketStatus; stage: Stage; assigned_to: string | null } } // changed: refetch row
  | { event: "message"; data: { reference: string; message_id: string | null } }        // message or note added, or delivered
  | { event: "draft"; data: { reference: string } }
  | { event: "escalation"; data: { reference: string } }
  | { event: "counts"; data: Record<string, never> }                        // counts may have changed: refetch (at most one a second)
  | { event: "presence"; data: { reference: string; viewers: Presence[] } }
  | { event: "knowledge"; data: KnowledgeJob };
