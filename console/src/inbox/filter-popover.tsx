/** The filters behind their button; loaded on the first use, and open then. */
import * as Popover from "@radix-ui/react-popover";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { queries } from "~/api/queries";
import { count } from "~/lib/numbers";
import { channelName, planName } from "~/lib/words";
import { SelectField, TextField } from "~/ui/field";
import type { Filter, InboxSearch } from "./filters";

type Props = { search: InboxSearch; onChange: (filter: Filter, value: string) => void };

function FilterPanel({ search, onChange }: Props) {
  const { data: operators } = useQuery(queries.operators());
  const { data: labels } = useQuery(queries.labels());
  const { data: teams } = useQuery(queries.teams());
  const select = (filter: Filter, label: string, options: [string, string][]) => (
    <SelectField label={label} value={search[filter] ?? ""} onChange={(event) => onChange(filter, event.target.value)}>
      <option value="">Any</option>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div className="grid grid-cols-2 gap-3">
      {select("channel", "Channel", Object.entries(channelName))}
      {select("plan", "Plan", Object.entries(planName))}
      {select("sentiment", "Mood", [["negative", "Negative"], ["neutral", "Neutral"], ["positive", "Positive"]])}
      {select("assignee", "Assigned to", (operators ?? []).map(({ id, name }) => [id, name]))}
      {select("team", "Team", (teams ?? []).map(({ name }) => [name, name]))}
      {select("label", "Label", (labels ?? []).map(({ name, count: uses }) => [name, `${name} (${count(uses)})`]))}
      <TextField label="Last message from" type="date" value={search.from ?? ""} onChange={(event) => onChange("from", event.target.value)} />
      <TextField label="to" type="date" value={search.to ?? ""} onChange={(event) => onChange("to", event.target.value)} />
    </div>
  );
}

export default function FilterPopover({ search, onChange, trigger }: Props & { trigger: ReactElement }) {
  return (
    <Popover.Root defaultOpen>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content aria-label="Filters" align="end" sideOffset={6} collisionPadding={8} className="menu float-in w-80 max-w-[94vw] max-h-none! p-3!">
          <FilterPanel search={search} onChange={onChange} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
