/** Lines and bars as SVG, told apart by dashes and marks as well as by colour; the table below each says the same in full. */
import { scaleLinear, scalePoint } from "d3-scale";
import { line as lineOf } from "d3-shape";
import { useEffect, useRef, useState } from "react";
import type { Line } from "./series";

const HEIGHT = 190;
const EDGE = { top: 10, right: 10, bottom: 22, left: 44 };
const STYLES = [
  { stroke: "var(--c-pine)", dash: "", mark: "circle" },
  { stroke: "var(--c-iris)", dash: "6 3", mark: "square" },
  { stroke: "var(--c-amber)", dash: "2 3", mark: "diamond" },
  { stroke: "var(--c-brick)", dash: "8 3 2 3", mark: "circle" },
];

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(560);
  useEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(240, Math.round(entry?.contentRect.width ?? 560))));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

function Mark({ kind, x, y, fill }: { kind: string; x: number; y: number; fill: string }) {
  if (kind === "circle") return <circle cx={x} cy={y} r="3" fill={fill} />;
  return <rect x={x - 3} y={y - 3} width="6" height="6" fill={fill} transform={kind === "diamond" ? `rotate(45 ${x} ${y})` : undefined} />;
}

export function LineChart({ label, series, format, names }: { label: string; series: Line[]; format: (value: number) => string; names?: Record<string, string> }) {
  const { ref, width } = useWidth();
  const days = series[0]?.points.map(({ x }) => x) ?? [];
  const values = series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
  const low = Math.min(0, ...values);
  const x = scalePoint(days, [EDGE.left, width - EDGE.right]);
  const y = scaleLinear([low, Math.max(1e-9, ...values)], [HEIGHT - EDGE.bottom, EDGE.top]).nice(4);
  const path = lineOf<{ x: string; value: number | null }>().defined(({ value }) => value !== null).x((point) => x(point.x) ?? 0).y(({ value }) => y(value ?? 0));
  const everyNth = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(width / 90))));
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label} className="max-w-full">
        {y.ticks(4).map((tick) => (
          <g key={tick}>
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(tick)} y2={y(tick)} stroke="var(--c-line)" />
            <text x={EDGE.left - 6} y={y(tick) + 3.5} textAnchor="end" fontSize="10.5" fill="var(--c-muted)">{format(tick)}</text>
          </g>
        ))}
        {days.map((day, index) => (index % everyNth === 0 ? <text key={day} x={x(day)} y={HEIGHT - 6} textAnchor={index === 0 ? "start" : "middle"} fontSize="10.5" fill="var(--c-muted)">{day.length === 10 ? `${Number(day.slice(8))}.${Number(day.slice(5, 7))}.` : day}</text> : null))}
        {series.map(({ name, points }, index) => {
          const style = STYLES[index % STYLES.length] ?? STYLES[0];
          const last = points.findLast(({ value }) => value !== null);
          return (
            <g key={name}>
              <path d={path(points) ?? ""} fill="none" stroke={style?.stroke} strokeWidth="1.75" strokeDasharray={style?.dash} strokeLinejoin="round" />
              {last !== undefined && <Mark kind={style?.mark ?? "circle"} x={x(last.x) ?? 0} y={y(last.value ?? 0)} fill={style?.stroke ?? ""} />}
            </g>
          );
        })}
      </svg>
      {series.length > 1 && (
        <ul className="mt-1 flex flex-wrap gap-x-4 text-xs text-muted">
          {series.map(({ name }, index) => {
            const style = STYLES[index % STYLES.length] ?? STYLES[0];
            return (
              <li key={name} className="inline-flex items-center gap-1.5">
                <svg width="26" height="10" aria-hidden="true">
                  <line x1="0" x2="26" y1="5" y2="5" stroke={style?.stroke} strokeWidth="1.75" strokeDasharray={style?.dash} />
                  <Mark kind={style?.mark ?? "circle"} x={13} y={5} fill={style?.stroke ?? ""} />
                </svg>
                {names?.[name] ?? name}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

export function BarChart({ label, bars, format }: { label: string; bars: { name: string; value: number; note?: string }[]; format: (value: number) => string }) {
  const most = Math.max(1e-9, ...bars.map(({ value }) => value));
  return (
    <ul aria-label={label} className="space-y-1.5 py-1">
      {bars.map(({ name, value, note }) => (
        <li key={name} className="grid grid-cols-[6.5rem_1fr_auto] items-center gap-3 text-sm">
          <span className="truncate text-muted">{name}</span>
          <span aria-hidden="true" className="h-3.5 overflow-hidden rounded-sm bg-sunken">
            <span className="block h-full rounded-sm bg-pine" style={{ width: `${(value / most) * 100}%` }} />
          </span>
          <span className="min-w-14 text-end font-medium">
            {format(value)} {note !== undefined && <span className="font-normal text-muted">{note}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
