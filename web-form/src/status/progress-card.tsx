/**
 * Where the request stands, as steps. Narrow screens show a bar of segments with
 * the current step's words; wide ones the whole list.
 */
import type { Progress, Stage } from "../api/contract";
import { copy } from "../copy";
import { CheckIcon, EyeIcon, InboxIcon, PencilIcon, PersonIcon, SearchIcon, ShieldIcon, SparkIcon } from "../ui/icons";
import { isSettled, stepsOf, type Step } from "./ticket-view";

const STAGE_ICON: Record<Stage, typeof CheckIcon> = {
  received: InboxIcon,
  reading: EyeIcon,
  searching: SearchIcon,
  writing: PencilIcon,
  checking: ShieldIcon,
  answered: SparkIcon,
  with_a_person: PersonIcon,
  failed: PersonIcon,
};

const MARK: Record<Step["state"], string> = {
  done: "bg-accent text-on-accent border-accent",
  current: "bg-accent-tint text-accent border-accent",
  ahead: "bg-surface text-muted border-line",
};

const SEGMENT: Record<Step["state"], string> = {
  done: "bg-accent",
  current: "bg-accent",
  ahead: "bg-line",
};

function StepItem({ step, isLast, isWorking }: { step: Step; isLast: boolean; isWorking: boolean }) {
  const StageIcon = step.state === "done" ? CheckIcon : STAGE_ICON[step.stage];
  const isCurrent = step.state === "current";
  return (
    <li
      aria-current={isCurrent ? "step" : undefined}
      className="relative flex-1 lg:flex lg:min-h-11 lg:flex-none lg:gap-3 lg:last:min-h-0"
    >
      <span
        className={`block h-1.5 rounded-full lg:hidden ${SEGMENT[step.state]} ${isCurrent && isWorking ? "animate-[breathe_1.6s_ease-in-out_infinite]" : ""}`}
      />
      <span className="relative hidden lg:block">
        <span className={`relative z-1 grid size-7 place-items-center rounded-full border ${MARK[step.state]}`}>
          <StageIcon className="size-4" />
        </span>
        {!isLast && (
          <span
            className={`absolute start-[0.8125rem] top-7 -bottom-0 w-0.5 ${step.state === "done" ? "bg-accent" : "bg-line"}`}
          />
        )}
      </span>
      <span
        className={`sr-only lg:not-sr-only lg:pt-[0.1875rem] lg:text-[0.9375rem] ${isCurrent ? "lg:font-semibold" : step.state === "ahead" ? "lg:text-muted" : ""}`}
      >
        {step.state === "done" ? copy.status.stagesDone[step.stage] : copy.status.stages[step.stage]}
        {step.state === "done" && <span className="sr-only"> ({copy.status.stepDone})</span>}
      </span>
    </li>
  );
}

export function ProgressCard({ progress, assignedTo }: { progress: Progress; assignedTo: string | null }) {
  const steps = stepsOf(progress.stage);
  const isWorking = !isSettled(progress.stage);
  const ownWords = isWorking ? copy.status.stageText[progress.stage] : copy.status.stages[progress.stage];
  const headline = progress.label === "" ? ownWords : progress.label;
  return (
    <section className="card p-5" aria-labelledby="progress-heading" data-stage={progress.stage}>
      <h2 id="progress-heading" className="sr-only">
        {copy.status.progress}
      </h2>
      <div role="status" className="mb-4 lg:mb-5">
        <p className="font-semibold">
          {isWorking && <span className="caret me-2 align-[0.05em]" aria-hidden="true" />}
          {headline}
        </p>
        {!isWorking && <p className="mt-0.5 text-sm text-muted">{copy.status.stageText[progress.stage]}</p>}
        {assignedTo !== null && progress.stage === "with_a_person" && (
          <p className="mt-2 flex items-center gap-1.5 text-sm font-medium">
            <PersonIcon className="size-4 text-accent" />
            {assignedTo}
          </p>
        )}
      </div>
      <ol className="flex gap-1.5 lg:flex-col lg:gap-0 print:hidden">
        {steps.map((step, index) => (
          <StepItem key={step.stage} step={step} isLast={index === steps.length - 1} isWorking={isWorking} />
        ))}
      </ol>
    </section>
  );
}
