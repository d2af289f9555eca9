import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BusinessHours } from "~/api/contract";
import { queries } from "~/api/queries";
import { capitalised } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { TextField } from "~/ui/field";
import { Section } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { useSave } from "./use-save";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

function Form({ saved }: { saved: BusinessHours }) {
  const { may } = useMe();
  const [hours, setHours] = useState(saved);
  const save = useSave(["business-hours"], "Saved. Due times follow it from now on.");
  const isLocked = !may("administrator");
  const set = (day: (typeof DAYS)[number], change: { from: string; to: string } | null): void => {
    const others = hours.days.filter((each) => each.day !== day);
    setHours({ ...hours, days: change === null ? others : [...others, { day, ...change }].sort((one, other) => DAYS.indexOf(one.day) - DAYS.indexOf(other.day)) });
  };
  return (
    <form className="p-4" onSubmit={(event) => { event.preventDefault(); save.mutate({ path: "/business-hours", method: "PUT", body: { time_zone: hours.time_zone, days: hours.days } }); }}>
      <div className="mb-4 max-w-xs">
        <TextField label="Time zone" list="time-zones" required disabled={isLocked} value={hours.time_zone} onChange={(event) => setHours({ ...hours, time_zone: event.target.value })} />
        <datalist id="time-zones">{Intl.supportedValuesOf("timeZone").map((zone) => (<option key={zone} value={zone} />))}</datalist>
      </div>
      <ul className="space-y-1.5">
        {DAYS.map((day) => {
          const times = hours.days.filter((each) => each.day === day);
          const [first] = times;
          return (
            <li key={day} className="flex flex-wrap items-center gap-3">
              <label className="flex w-36 items-center gap-2 text-sm">
                <input type="checkbox" className="size-4 accent-pine" disabled={isLocked} checked={first !== undefined} onChange={(event) => set(day, event.target.checked ? { from: "09:00", to: "17:00" } : null)} /> {capitalised(day)}
              </label>
              {first === undefined ? (
                <span className="text-sm text-muted">closed</span>
              ) : (
                <>
                  <input type="time" aria-label={`${capitalised(day)} from`} className="input w-28!" disabled={isLocked} required value={first.from} onChange={(event) => set(day, { from: event.target.value, to: first.to })} />
                  <span className="text-muted">to</span>
                  <input type="time" aria-label={`${capitalised(day)} to`} className="input w-28!" disabled={isLocked} required value={first.to} onChange={(event) => set(day, { from: first.from, to: event.target.value })} />
                </>
              )}
            </li>
          );
        })}
      </ul>
      {!isLocked && <button type="submit" className="button button-primary mt-4" disabled={save.isPending}>Save</button>}
    </form>
  );
}

export function HoursSection() {
  const query = useQuery(queries.businessHours());
  return (
    <Section title="Open" lead={query.data?.open_now === undefined ? "" : query.data.open_now ? "You are open now." : "You are closed now."}>
      <QueryView query={query} label="Loading">{(hours) => <Form saved={hours} />}</QueryView>
    </Section>
  );
}
