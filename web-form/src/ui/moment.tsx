/** A moment in the reader's own language and time zone; the exact time on hover. */

const SHORT: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const WITH_DAY: Intl.DateTimeFormatOptions = { ...SHORT, day: "numeric", month: "short" };
const WITH_YEAR: Intl.DateTimeFormatOptions = { ...WITH_DAY, year: "numeric" };

export function formatMoment(time: Date, now: Date, locale?: string): string {
  const isSameYear = time.getFullYear() === now.getFullYear();
  const isToday = isSameYear && time.getMonth() === now.getMonth() && time.getDate() === now.getDate();
  return time.toLocaleString(locale, isToday ? SHORT : isSameYear ? WITH_DAY : WITH_YEAR);
}

export function Moment({ time, className }: { time: string; className?: string }) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return null;
  return (
    <time
      dateTime={time}
      title={date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })}
      className={className}
    >
      {formatMoment(date, new Date())}
    </time>
  );
}
