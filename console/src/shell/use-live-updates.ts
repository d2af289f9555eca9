/** Live events to what must be read again. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { live } from "~/api/live";

export function useLiveUpdates(): void {
  const client = useQueryClient();
  useEffect(() => {
    live.open();
    const stop = live.listen((event) => {
      const again = (...key: unknown[]): void => void client.invalidateQueries({ queryKey: key });
      switch (event.event) {
        case "conversation":
        case "message":
        case "draft":
          again("conversation", event.data.reference);
          break;
        case "escalation":
          again("conversation", event.data.reference);
          again("escalations");
          break;
        case "counts":
          again("counts");
          break;
        case "knowledge":
          client.setQueryData(["knowledge-job"], event.data);
          if (event.data.state !== "running") again("documents");
          break;
        case "reset":
          void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "rows" && queryKey[0] !== "me" });
          break;
        default:
          break;
      }
    });
    return () => {
      stop();
      live.close();
    };
  }, [client]);
}
