import type { QueryKey } from "@tanstack/react-query";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, explain } from "~/api/client";
import { announce } from "~/ui/announce";

type Request = { path: string; method: "POST" | "PUT" | "PATCH" | "DELETE"; body?: unknown };

/** A change of settings: said when done, said when failed, and what it changes read again. */
export function useSave<T = unknown>(changes: QueryKey, done: string, onDone?: (answer: T) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, method, body }: Request) => api<T>(path, { method, body }),
    onSuccess: async (answer) => {
      if (done !== "") announce(done);
      onDone?.(answer);
      await client.invalidateQueries({ queryKey: changes });
    },
    onError: (error) => announce(explain(error), { tone: "failed" }),
  });
}
