import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { EmptyState } from "~/ui/states";

export function NotFound() {
  return (
    <main>
      <h1 className="sr-only">Not found</h1>
      <EmptyState icon={Compass} title="There is nothing at this address" action={<Link to="/inbox" search={{}} className="button button-primary">Go to the inbox</Link>}>
        The link may be old, or the conversation was removed.
      </EmptyState>
    </main>
  );
}
