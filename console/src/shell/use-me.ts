import { useSuspenseQuery } from "@tanstack/react-query";
import type { Role } from "~/api/contract";
import { queries } from "~/api/queries";

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 };

/** Whoever is signed in; only inside the shell, which has read it. */
export function useMe() {
  const { data } = useSuspenseQuery(queries.me());
  return { me: data, may: (least: Role): boolean => RANK[data.role] >= RANK[least] };
}
