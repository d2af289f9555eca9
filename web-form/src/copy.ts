/** Every word of both pages that the server does not supply. A translation replaces this file. */
import type { Feedback, Role, Stage, TicketStatus } from "./api/contract";
import type { FailureKind } from "./api/failure";

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export function duration(seconds: number): string {
  if (seconds < 90) return plural(seconds, "second", "seconds");
  if (seconds < 90 * 60) return plural(Math.ceil(seconds / 60), "minute", "minutes");
  return plural(Math.ceil(seconds / 3600), "hour", "hours");
}

export const copy = {
  skipToContent: "Skip to content",
  support: "Support",
  supportOf: (company: string) => (company === "" ? "Support" : `${company} Support`),
  toDark: "Switch to the dark theme",
  toLight: "Switch to the light theme",
  loading: "Loading",
  opensElsewhere: "(opens another site)",
  opensNewTab: "(opens in a new tab)",
  copied: "Copied",
  copy: "Copy",
  newTicket: "New request",

  form: {
    title: "How can we help?",
    lead: (product: string) =>
      product === ""
        ? "Tell us what you need. You can follow the answer as it is written."
        : `Tell us what you need with ${product}. You can follow the answer as it is written.`,
    heading: "Your request",
    required: "All fields are required unless marked optional.",
    name: "Your name",
    email: "Email",
    category: "Topic",
    categoryPlaceholder: "Choose a topic",
    priority: "Priority",
    plan: "Plan",
    planPlaceholder: "Not sure",
    optional: "optional",
    subject: "Subject",
    message: "Message",
    messageHint: "What did you do, what did you expect, and what happened instead?",
    send: "Send request",
    sending: "Sending…",
    sendAgain: "Send again",
    wait: (seconds: number) => `Send again in ${duration(seconds)}`,
    remaining: (left: number) => `${plural(left, "character", "characters")} left`,
    counter: (used: number, limit: number) => `${used.toLocaleString()} / ${limit.toLocaleString()}`,
    tooMany: (over: number) => `${plural(over, "character", "characters")} too many`,
    summaryTitle: (count: number) =>
      count === 1 ? "One field needs your attention" : `${count} fields need your attention`,
  },

  steps: {
    title: "What happens next",
    list: [
      {
        title: "You get a reference",
        text: "And a private page where you can follow your request.",
      },
      {
        title: "An AI assistant looks it up",
        text: "It answers only from our own documentation and shows you where each answer comes from.",
      },
      {
        title: "A person when it matters",
        text: "What it cannot answer safely goes to our team. Ask for a person at any time.",
      },
    ],
  },

  errors: {
    name: {
      empty: "Enter your name.",
      short: (shortest: number) => `Enter at least ${shortest} characters for your name.`,
    },
    subject: {
      empty: "Enter a subject.",
      short: (shortest: number) => `Enter at least ${shortest} characters for the subject.`,
    },
    message: {
      empty: "Enter your message.",
      short: (shortest: number) => `Describe it in at least ${shortest} characters.`,
    },
    email: {
      empty: "Enter your email address.",
      invalid: "Enter an email address such as name@example.com.",
    },
    tooLong: (longest: number) => `Keep it within ${longest.toLocaleString()} characters.`,
    category: "Choose a topic.",
    priority: "Choose a priority.",
    plan: "Choose a plan from the list, or leave it open.",
  },

  failure: {
    offline: {
      title: "You are offline",
      text: "Your text is kept here. Check your connection, then send again.",
    },
    unreachable: {
      title: "We could not be reached",
      text: "Your text is kept here. Send again in a moment: it will not be filed twice.",
    },
    timeout: {
      title: "No answer in time",
      text: "We cannot tell yet whether it arrived. Send again: if it did, it will not be filed twice.",
    },
    rate_limited: {
      title: "Too many requests",
      text: "We limit how often requests can be sent. Your text is kept here; wait a little, then send again.",
    },
    too_large: {
      title: "The message is too large",
      text: "Shorten it, or send long logs in a second message, then try again.",
    },
    invalid: {
      title: "Something needs correcting",
      text: "Nothing was sent yet. Correct the marked fields, then send again.",
    },
    unavailable: {
      title: "The service is not available right now",
      text: "Your text is kept here. Send again in a moment: it will not be filed twice.",
    },
    token_missing: {
      title: "This link is incomplete",
      text: "The private part of the link, after the # sign, is missing or was cut off. Open the full link from your confirmation.",
    },
    not_found: {
      title: "We cannot find this ticket",
      text: "The reference or its private link is not right. Open the full link from your confirmation, or send a new request.",
    },
    bad_reference: {
      title: "This is not a ticket reference",
      text: "Check the address for missing or extra characters, or send a new request.",
    },
    server: {
      title: "Something went wrong on our side",
      text: "Your text is kept here. Try again: it will not be filed twice.",
    },
  } satisfies Record<FailureKind, { title: string; text: string }>,
  requestId: (id: string) => `If you write to us about this, mention ${id}.`,
  tryAgain: "Try again",
  problem: {
    text: "Your ticket is safe. This page opens it as soon as it can.",
    retrying: "Trying again…",
  },

  received: {
    title: "We have your request",
    reference: "Your ticket reference",
    copyReference: "Copy reference",
    copyLink: "Copy private link",
    open: "Follow your request",
    expectation: "Your message is being read now, and you can watch the answer being written.",
    person: (time: string) =>
      time === "" ? "If it needs a person, our team takes over." : `If it needs a person, our team answers ${time}.`,
    keep: "Keep the link: it is the only way back to this request, and whoever has it can read it.",
    again: "Ask something else",
  },

  status: {
    ticket: "Ticket",
    opened: "Opened",
    topic: "Topic",
    handledBy: "With",
    print: "Print",
    progress: "Progress",
    conversation: "Conversation",
    labels: {
      open: "Open",
      in_progress: "In progress",
      escalated: "With a person",
      resolved: "Resolved",
      closed: "Closed",
    } satisfies Record<TicketStatus, string>,
    stages: {
      received: "Received",
      reading: "Reading",
      searching: "Searching",
      writing: "Writing",
      checking: "Checking",
      with_a_person: "With a person",
      answered: "Answered",
      failed: "With a person",
    } satisfies Record<Stage, string>,
    stagesDone: {
      received: "Received",
      reading: "Read",
      searching: "Searched",
      writing: "Written",
      checking: "Checked",
      with_a_person: "With a person",
      answered: "Answered",
      failed: "With a person",
    } satisfies Record<Stage, string>,
    answered: "Answered",
    stageText: {
      received: "Your message is in the queue.",
      reading: "Reading your message.",
      searching: "Searching our documentation.",
      writing: "Writing an answer.",
      checking: "Checking every sentence against its source.",
      with_a_person: "A person from our team has your request and answers here.",
      answered: "Your answer is on this page.",
      failed: "The automatic answer did not work out. A person from our team has your request.",
    } satisfies Record<Stage, string>,
    stepDone: "done",
    stepCurrent: "current step",
    roles: {
      customer: "You",
      assistant: "Assistant",
      operator: "Support team",
      system: "Note",
    } satisfies Record<Role, string>,
    aiBadge: "AI",
    aiBadgeLong: "Written by an AI assistant",
    person: "Person",
    beingWritten: "Being written",
    beingWrittenNote: "This text may still change until it is checked.",
    retracted: "The assistant withdrew that text and is starting over.",
    takenFrom: "Taken from",
    replyArrived: "The answer has arrived.",
    channel: (channel: string) =>
      ({ email: "by email", whatsapp: "by WhatsApp" } as Record<string, string>)[channel] ?? "",
    sendingMessage: "Sending…",
    connection: {
      reconnecting: "Connection lost. Reconnecting…",
      offline: "You are offline. This page updates when you are back.",
    },
    titleAnswered: "Answered",
  },

  feedback: {
    question: "Did this answer your question?",
    helped: "This helped",
    notHelped: "This didn’t, get me a person",
    commentLabel: "What was missing?",
    commentHint: "It goes to the person who takes over.",
    handOver: "Get me a person",
    cancel: "Cancel",
    sending: "Sending…",
    done: {
      helped: "Thank you. Glad it helped.",
      not_helped: "A person from our team has your ticket now and will answer here.",
    } satisfies Record<Feedback, string>,
    rate: "Rate our help from 1 to 5",
    failed: "Your feedback could not be sent.",
  },

  reply: {
    title: "Add to this request",
    label: "Your message",
    hint: "Prefer a person? Say so in your message.",
    toPerson: "Your message goes to the person who has your request.",
    reopens: "Writing here opens the request again.",
    closed: "This request is closed.",
    closedAction: "Send a new request",
    send: "Send",
    sending: "Sending…",
    shortcut: (isApple: boolean) => (isApple ? "⌘ Enter sends" : "Ctrl + Enter sends"),
    empty: "Write a message first.",
    sent: "Your message was sent.",
  },

  notFound: {
    title: "This page does not exist",
    text: "The address may be mistyped or out of date.",
    action: "Go to the support form",
  },
};
