/** Settings: one section at a time, each in its own file. */
import { Link, useParams } from "@tanstack/react-router";
import clsx from "clsx";
import type { ComponentType } from "react";
import type { Role } from "~/api/contract";
import { useMe } from "~/shell/use-me";
import { Page } from "~/ui/page";
import { NoPermission } from "~/ui/states";
import { AccountSection } from "./account";
import { AuditSection } from "./audit";
import { AutonomySection } from "./autonomy";
import { ChannelsSection } from "./channels";
import { CompanySection } from "./company";
import { HoursSection } from "./hours";
import { MacrosSection } from "./macros";
import { PolicySection } from "./policy";
import { PrivacySection } from "./privacy";
import { SystemSection } from "./system";
import { TokensSection } from "./tokens";
import { UsersSection } from "./users";

type Entry = { key: string; label: string; lead: string; least: Role; section: ComponentType };

const ENTRIES: Entry[] = [
  { key: "account", label: "Your account", lead: "Password, second factor, sessions, and how the console behaves here.", least: "viewer", section: AccountSection },
  { key: "company", label: "Company and voice", lead: "Who answers, and what stands under every answer.", least: "viewer", section: CompanySection },
  { key: "channels", label: "Channels", lead: "Where messages come in, and whether they get out.", least: "viewer", section: ChannelsSection },
  { key: "autonomy", label: "Autonomy", lead: "How far the assistant may go on its own: by channel, and by what is asked.", least: "viewer", section: AutonomySection },
  { key: "policy", label: "Policy try-out", lead: "What would happen to a message. Nothing is stored or sent.", least: "viewer", section: PolicySection },
  { key: "hours", label: "Business hours", lead: "Due times count only while you are open.", least: "viewer", section: HoursSection },
  { key: "macros", label: "Macros", lead: "Replies that you write often.", least: "viewer", section: MacrosSection },
  { key: "users", label: "Users", lead: "Who may do what.", least: "administrator", section: UsersSection },
  { key: "tokens", label: "API tokens", lead: "For programs that read or act on this box.", least: "administrator", section: TokensSection },
  { key: "audit", label: "Audit log", lead: "Who did what, newest first.", least: "administrator", section: AuditSection },
  { key: "privacy", label: "Privacy", lead: "What left the box, and what is kept of a person.", least: "viewer", section: PrivacySection },
  { key: "system", label: "System", lead: "Models, queue, disk, and what could not be delivered.", least: "viewer", section: SystemSection },
];

export function SettingsScreen() {
  const { section } = useParams({ from: "/shell/settings/$section" });
  const { may } = useMe();
  const entry = ENTRIES.find(({ key }) => key === section) ?? ENTRIES[0];
  if (entry === undefined) return null;
  const Section = entry.section;
  return (
    <div className="flex h-full min-h-0 flex-col md:flex-row">
      <nav aria-label="Settings" className="flex-none border-line bg-surface max-md:overflow-x-auto max-md:border-b md:w-48 md:overflow-y-auto md:border-e md:py-4 lg:w-56">
        <ul className="flex gap-1 p-2 md:block md:space-y-0.5">
          {ENTRIES.filter(({ least }) => may(least)).map(({ key, label }) => (
            <li key={key}>
              <Link to="/settings/$section" params={{ section: key }} className={clsx("block rounded-lg px-3 py-1.5 text-sm whitespace-nowrap hover:bg-hover", key === entry.key ? "bg-pine-tint font-semibold text-pine-strong" : "text-muted")} aria-current={key === entry.key ? "page" : undefined}>
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-h-0 min-w-0 flex-1">
        <Page key={entry.key} title={entry.label} lead={entry.lead}>
          {may(entry.least) ? <Section /> : <NoPermission />}
        </Page>
      </div>
    </div>
  );
}
