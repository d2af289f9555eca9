/**
 * Tickets the mock knows by reference, one for each state of the status page.
 * TF-20261122-LIVE plays a whole answer; the others stand still.
 */

/** The server's words for each stage. */
export const LABELS = {
  received: "We have your message",
  reading: "Reading your message",
  searching: "Searching our help articles",
  writing: "Writing your answer",
  checking: "Checking every sentence",
  with_a_person: "With our team",
  answered: "Answered",
  failed: "Delayed; our team has been told",
};

const MINUTE_MS = 60_000;

export const CONFIG = {
  company: "TaskFlow",
  product: "TaskFlow",
  support_email: "support@taskflow.example",
  assistant_name: "TaskFlow assistant",
  disclosure: "Answers are written by an AI assistant, which can make mistakes. You can ask for a person at any time.",
  privacy_note: "Your request stays on our own server and is read only to answer it.",
  categories: [
    { value: "general", label: "General question" },
    { value: "technical", label: "Technical problem" },
    { value: "billing", label: "Billing" },
    { value: "bug_report", label: "Bug report" },
    { value: "feedback", label: "Feedback" },
  ],
  priorities: [
    { value: "low", label: "Low" },
    { value: "medium", label: "Medium" },
    { value: "high", label: "High" },
    { value: "urgent", label: "Urgent" },
  ],
  plans: [
    { value: "free", label: "Free" },
    { value: "pro", label: "Pro" },
    { value: "enterprise", label: "Enterprise" },
  ],
  limits: { name_min: 2, name_max: 255, subject_min: 3, subject_max: 500, message_min: 10, message_max: 5000 },
};

export const QUESTION =
  "Hello,\n\nour team wants the weekly report as a file. I can see it on screen, but I cannot find how to get it out of TaskFlow. Is there an export?\n\nThank you\nAmara";

export const SENTENCES = [
  "Hi Amara,",
  "\n\nYou can export any report as a CSV or PDF file from the report's own menu:\n\n",
  "1. Open **Reports** and choose the weekly report.\n",
  "2. Select **Export** at the top right.\n",
  "3. Pick CSV or PDF, then select **Download**.\n\n",
  "The file keeps the filters you see on screen, so set them first.",
];

export const REPLY_TEXT = `${SENTENCES.join("")}

More on this: [Exporting reports](/help/reports#export). If the menu is missing, ask a workspace admin for the \`reports.export\` permission.

Would you like help setting up a weekly email instead?

TaskFlow Support`;

export const SOURCES = [
  { title: "Reports", section: "Export a report", url: "/help/reports#export" },
  { title: "Roles and permissions", section: "What each role may do", url: "/help/roles#matrix" },
];

export function message(id, role, content, minutesAgo, more = {}) {
  return {
    id,
    role,
    content,
    channel: "web",
    created_at: new Date(Date.now() - minutesAgo * MINUTE_MS).toISOString(),
    sources: [],
    delivery_status: "delivered",
    ...more,
  };
}

const asked = () => message("m1", "customer", QUESTION, 14);
const answered = () => message("m2", "assistant", REPLY_TEXT, 13, { sources: SOURCES });

function ticket(suffix, stage, more = {}) {
  return {
    ticket_id: `TF-20261122-${suffix}`,
    status: "in_progress",
    created_at: new Date(Date.now() - 14 * MINUTE_MS).toISOString(),
    subject: "How do I export the weekly report?",
    category: "technical",
    priority: "medium",
    assigned_to: null,
    progress: { stage, label: LABELS[stage], at: new Date(Date.now() - 13 * MINUTE_MS).toISOString() },
    messages: [asked()],
    feedback: null,
    ...more,
  };
}

/** @returns the ticket for a reference's last four characters, or undefined. */
export function ticketFor(suffix) {
  switch (suffix) {
    case "WAIT":
      return ticket("WAIT", "received", { status: "open" });
    case "READ":
      return ticket("READ", "reading");
    case "SRCH":
      return ticket("SRCH", "searching");
    case "WRIT":
    case "RETR":
      return ticket(suffix, "writing");
    case "CHCK":
      return ticket("CHCK", "checking");
    case "LIVE":
      return ticket("LIVE", "received", { status: "open" });
    case "ANSW":
      return ticket("ANSW", "answered", { messages: [asked(), answered()] });
    case "HELP":
      return ticket("HELP", "answered", { status: "resolved", messages: [asked(), answered()], feedback: "helped" });
    case "NOPE":
      return ticket("NOPE", "with_a_person", {
        status: "escalated",
        messages: [asked(), answered()],
        feedback: "not_helped",
      });
    case "PERS":
      return ticket("PERS", "with_a_person", {
        status: "escalated",
        assigned_to: "Maria Lindqvist",
        subject: "I was charged twice this month",
        category: "billing",
        priority: "high",
        messages: [
          message("m1", "customer", "You charged my card twice for November. Please refund one of them.", 40),
          message("m2", "system", "Handed to the billing team", 39),
          message(
            "m3",
            "operator",
            "Hi Amara,\n\nI can see both charges. The second one came from a retried payment; I have cancelled it.\n\n- Charge 1: 22 Nov, kept\n- Charge 2: 22 Nov, cancelled\n\nYour bank shows the money again within 3 working days.\n\nMaria",
            12,
          ),
        ],
      });
    case "FAIL":
      return ticket("FAIL", "failed", { status: "escalated" });
    case "CLSD":
      return ticket("CLSD", "answered", { status: "closed", messages: [asked(), answered()], feedback: "helped" });
    case "LONG":
      return ticket("LONG", "answered", {
        subject: `${"Averylongsubjectwithoutanyspaces".repeat(4)} and then some words`,
        messages: [
          message("m1", "customer", "https://example.com/" + "a".repeat(300) + "\n<script>alert(1)</script>", 9),
          message("m2", "assistant", "[click](javascript:alert(1)) <img src=x onerror=alert(1)> https://example.com/" + "b".repeat(200), 8, {
            sources: [{ title: "A title that is rather long for one line on a phone", section: "And a section that goes on too", url: "javascript:alert(1)" }],
          }),
        ],
      });
    case "ARAB":
      return ticket("ARAB", "answered", {
        subject: "كيف أصدّر التقرير الأسبوعي؟",
        messages: [
          message("m1", "customer", "مرحبا، كيف أصدّر التقرير الأسبوعي كملف؟", 9),
          message("m2", "assistant", "مرحبا أمارة،\n\n1. افتح **التقارير**.\n2. اختر **تصدير**.\n3. اختر CSV أو PDF.", 8, { sources: SOURCES }),
        ],
      });
    default:
      return undefined;
  }
}
