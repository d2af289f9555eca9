/** The documents that the assistant answers from: what is there, what retrieval sees, what is missing, what contradicts. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { queries } from "~/api/queries";
import { Page } from "~/ui/page";
import { Tabs } from "~/ui/tabs";
import { ConflictsTab } from "./conflicts";
import { DocumentsTab } from "./documents";
import { GapsTab } from "./gaps";
import { RetrievalTab } from "./retrieval";
import { WriteTab } from "./write";

export function KnowledgeScreen() {
  const { tab = "documents" } = useSearch({ from: "/shell/knowledge" });
  const navigate = useNavigate();
  const { data: gaps } = useQuery(queries.gaps(30));
  const { data: conflicts } = useQuery(queries.conflicts(false));
  const to = (next: string): void => void navigate({ to: "/knowledge", search: next === "documents" ? {} : { tab: next } });
  return (
    <Page title="Knowledge" lead="The assistant answers from these documents and from nothing else.">
      <Tabs
        label="Knowledge"
        value={tab}
        onChange={to}
        tabs={[
          { value: "documents", label: "Documents", content: <DocumentsTab /> },
          { value: "retrieval", label: "What it finds", content: <RetrievalTab /> },
          { value: "gaps", label: "Gaps", count: gaps?.length, content: <GapsTab /> },
          { value: "conflicts", label: "Conflicts", count: conflicts?.length, content: <ConflictsTab /> },
          { value: "write", label: "Write an article", content: <WriteTab onDone={() => to("documents")} /> },
        ]}
      />
    </Page>
  );
}
