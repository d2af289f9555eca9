/** What happened, in charts with their tables; each can be taken along as CSV. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ChartNoAxesColumn, Download } from "lucide-react";
import type { ReactNode } from "react";
import { address } from "~/api/client";
import type { Report } from "~/api/contract";
import { queries } from "~/api/queries";
import { count, percent, score } from "~/lib/numbers";
import { isoDay, seconds } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { categoryName, channelName } from "~/lib/words";
import { SelectField } from "~/ui/field";
import { Page, Section, TableFrame } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { EmptyState } from "~/ui/states";
import { BarChart, LineChart } from "./chart";
import { cell, heading, lines, total, weighted } from "./series";

const DAY_MS = 86_400_000;
const CHANNELS: Record<string, string> = channelName;

type Range = { from: string; to: string; channel: string };

function Table({ report }: { report: Report }) {
  return (
    <details className="border-t border-line">
      <summary className="px-4 py-2 text-xs font-medium text-muted hover:text-text">The numbers as a table</summary>
      <TableFrame label={`${heading(report.report)}, table`}>
        <div className="max-h-80 overflow-y-auto">
          <table className="table">
            <thead className="sticky top-0 bg-surface">
              <tr>
                {report.columns.map(({ name, unit }) => (
                  <th key={name} scope="col" className={unit === "text" ? "" : "text-end!"}>{heading(name)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {report.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((value, at) => (
                    <td key={at} className={report.columns[at]?.unit === "text" ? "" : "number"}>{cell(value, report.columns[at]?.unit ?? "text")}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </TableFrame>
    </details>
  );
}

function ReportCard({ name, title, lead, range, children }: { name: string; title: string; lead: string; range: Range; children: (report: Report) => ReactNode }) {
  const query = useQuery(queries.report(name, range.from, range.to, range.channel));
  return (
    <Section
      title={title}
      lead={lead}
      actions={
        <a className="button button-quiet" href={address(`/analytics/${name}`, { ...range, format: "csv" })} download={`${name}-${range.from}-${range.to}.csv`}>
          <Download size={14} aria-hidden /> CSV<span className="sr-only"> of {title}</span>
        </a>
      }
    >
      <QueryView query={query} label={`Loading ${title}`} isEmpty={(report) => report.rows.length === 0} empty={<EmptyState icon={ChartNoAxesColumn} title="Nothing in these days">Choose a longer time above.</EmptyState>}>
        {(report) => (
          <>
            <div className="px-4 py-3">{children(report)}</div>
            <Table report={report} />
          </>
        )}
      </QueryView>
    </Section>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div className="min-w-0 flex-1 basis-36 px-4 py-3">
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="text-xl font-semibold tracking-tight">{value}</dd>
      {note !== undefined && <dd className="text-xs text-muted">{note}</dd>}
    </div>
  );
}

function Figures({ range }: { range: Range }) {
  const { data: volume } = useQuery(queries.report("volume", range.from, range.to, range.channel));
  const { data: resolution } = useQuery(queries.report("resolution", range.from, range.to, range.channel));
  const { data: response } = useQuery(queries.report("first_response", range.from, range.to, range.channel));
  const { data: satisfaction } = useQuery(queries.report("satisfaction", range.from, range.to, range.channel));
  const tickets = resolution === undefined ? 0 : total(resolution, "tickets");
  const share = (name: string): string => (resolution === undefined || tickets === 0 ? "–" : percent(total(resolution, name) / tickets));
  const median = response === undefined ? null : weighted(response, "median_s", "tickets");
  const rating = satisfaction === undefined ? null : weighted(satisfaction, "average", "ratings");
  return (
    <dl className="card mb-5 flex flex-wrap divide-line sm:divide-x">
      <Figure name="Tickets" value={volume === undefined ? "–" : count(total(volume, "tickets"))} />
      <Figure name="Resolved by the assistant" value={share("by_assistant")} note={`${share("durable")} of all stayed resolved for 7 days`} />
      <Figure name="First answer, typical" value={median === null ? "–" : seconds(median)} />
      <Figure name="Satisfaction" value={rating === null ? "–" : `${rating.toFixed(1)} / 5`} />
    </dl>
  );
}

export function AnalyticsScreen() {
  const { days = 30, channel = "" } = useSearch({ from: "/shell/analytics" });
  const navigate = useNavigate();
  const today = useNow();
  const range = { from: isoDay(today - (days - 1) * DAY_MS), to: isoDay(today), channel };
  const to = (next: { days?: number; channel?: string }): void => {
    const all = { days, channel, ...next };
    void navigate({ to: "/analytics", search: { ...(all.days === 30 ? {} : { days: all.days }), ...(all.channel === "" ? {} : { channel: all.channel }) } });
  };
  return (
    <Page
      title="Analytics"
      wide
      actions={
        <>
          <SelectField label="Time" hideLabel className="w-36!" value={days} onChange={(event) => to({ days: Number(event.target.value) })}>
            {[7, 14, 30, 90].map((each) => (
              <option key={each} value={each}>Last {each} days</option>
            ))}
          </SelectField>
          <SelectField label="Channel" hideLabel className="w-36!" value={channel} onChange={(event) => to({ channel: event.target.value })}>
            <option value="">All channels</option>
            {Object.entries(channelName).map(([value, name]) => (
              <option key={value} value={value}>{name}</option>
            ))}
          </SelectField>
        </>
      }
    >
      <Figures range={range} />
      <div className="grid gap-x-5 lg:grid-cols-2">
        <ReportCard name="volume" title="Tickets a day" lead="By channel" range={range}>
          {(report) => <LineChart label="Tickets a day by channel" series={lines(report, "tickets", "channel")} format={count} names={CHANNELS} />}
        </ReportCard>
        <ReportCard name="first_response" title="Time to the first answer" lead="Median by channel" range={range}>
          {(report) => <LineChart label="Median time to the first answer by channel" series={lines(report, "median_s", "channel")} format={seconds} names={CHANNELS} />}
        </ReportCard>
        <ReportCard name="resolution" title="Resolution" lead="Confirmed: the customer said so. Assumed: silent for 3 days. Durable: nothing new for 7 days" range={range}>
          {(report) => <LineChart label="Resolved tickets a day" series={["confirmed", "assumed", "durable", "by_assistant"].flatMap((name) => lines(report, name, null))} format={count} names={{ confirmed: "Confirmed", assumed: "Assumed", durable: "Durable", by_assistant: "By the assistant" }} />}
        </ReportCard>
        <ReportCard name="escalations" title="Handed to people" lead="By matter" range={range}>
          {(report) => <BarChart label="Escalations by matter" format={count} bars={report.rows.map(([name, value, , overdue]) => ({ name: categoryName[String(name) as keyof typeof categoryName], value: Number(value), ...(Number(overdue) > 0 ? { note: `${Number(overdue)} late` } : {}) }))} />}
        </ReportCard>
        <ReportCard name="sentiment" title="Mood" lead="Average of customers’ messages, −1 to 1" range={range}>
          {(report) => <LineChart label="Average mood a day by channel" series={lines(report, "average", "channel")} format={score} names={CHANNELS} />}
        </ReportCard>
        <ReportCard name="calibration" title="Is its confidence earned?" lead="Per band: how sure the assistant was, and how often it was right" range={range}>
          {(report) => <LineChart label="Predicted and observed share of good answers by band" series={[...lines(report, "predicted", null), ...lines(report, "good", null)]} format={percent} names={{ predicted: "How sure it was", good: "How often right" }} />}
        </ReportCard>
        <ReportCard name="satisfaction" title="Satisfaction" lead="Average rating, 1 to 5" range={range}>
          {(report) => <LineChart label="Average rating a day" series={lines(report, "average", null)} format={(value) => value.toFixed(1)} />}
        </ReportCard>
      </div>
    </Page>
  );
}
