/** An operator's actions on a conversation, with what they lead to: the row changes at once, sending can be undone for a while. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError, api, explain } from "~/api/client";
import type { ActionResult, Pending } from "~/api/contract";
import { putRow } from "~/inbox/use-rows";
import { announce } from "~/ui/announce";

export type Act = { action: string; body?: Record<string, unknown>; done?: string };

export function useAct(reference: string) {
  const client = useQueryClient();

  const undo = async (pending: Pending): Promise<void> => {
    try {
      const { row } = await api<ActionResult>(`/conversations/${reference}/undo`, { method: "POST", body: { outbox_id: pending.outbox_id } });
      putRow(client, row);
      announce("Not sent.");
    } catch (error) {
      announce(error instanceof ApiError && error.code === "too_late" ? "it is on its way already." : explain(error), { tone: "failed" });
    }
    await client.invalidateQueries({ queryKey: ["conversation", reference] });
  };

  const mutation = useMutation({
    mutationFn: ({ action, body = {} }: Act) => api<ActionResult>(`/conversations/${reference}/${action}`, { method: "POST", body }),
    onSuccess: ({ row, undo: pending }, { done }) => {
      putRow(client, row);
      void client.invalidateQueries({ queryKey: ["conversation", reference] });
      void client.invalidateQueries({ queryKey: ["counts"] });
      if (pending !== null) announce("Sending.", { action: { label: "Undo", untilMs: Date.parse(pending.until), run: () => void undo(pending) } });
      else if (done !== undefined) announce(done);
    },
    onError: (error) => {
      void client.invalidateQueries({ queryKey: ["conversation", reference] });
      if (!(error instanceof ApiError && ["taken_over", "draft_void", "draft_decided"].includes(error.code))) announce(explain(error), { tone: "failed" });
    },
  });
  return { act: mutation.mutateAsync, isPending: mutation.isPending, undo };
}
