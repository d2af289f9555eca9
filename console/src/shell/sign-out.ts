import { api } from "~/api/client";
import { live } from "~/api/live";
import { queryClient } from "~/api/queries";
import { forgetTexts } from "~/lib/storage";

export async function signOut(): Promise<void> {
  await api("/session", { method: "DELETE" });
  live.close();
  forgetTexts();
  // A fresh page: nothing of what was read stays in memory.
  queryClient.clear();
  window.location.assign("/console/sign-in");
}
