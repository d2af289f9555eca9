import type { SupportConfig } from "./api/contract";
import { copy } from "./copy";
import { ArrowIcon, SearchIcon } from "./ui/icons";
import { useTitle } from "./ui/use-title";

export function NotFoundPage({ config }: { config: SupportConfig }) {
  useTitle(copy.notFound.title, copy.supportOf(config.company));
  return (
    <div className="mx-auto max-w-md py-12 text-center sm:py-20">
      <span className="mx-auto grid size-14 place-items-center rounded-2xl bg-accent-tint text-accent">
        <SearchIcon className="size-7" />
      </span>
      <h1 className="mt-6 text-2xl font-semibold tracking-tight">{copy.notFound.title}</h1>
      <p className="mt-2 text-muted">{copy.notFound.text}</p>
      <a href="/" className="button button-primary mt-8">
        {copy.notFound.action}
        <ArrowIcon className="size-4" />
      </a>
    </div>
  );
}
