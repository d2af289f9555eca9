import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BookOpen, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, explain } from "~/api/client";
import type { Document, KnowledgeJob } from "~/api/contract";
import { queries } from "~/api/queries";
import { plural } from "~/lib/numbers";
import { shortDate } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { useMe } from "~/shell/use-me";
import { announce } from "~/ui/announce";
import { Dialog } from "~/ui/dialog";
import { QueryView } from "~/ui/query-view";
import { TableFrame } from "~/ui/page";
import { EmptyState } from "~/ui/states";
import { useJob } from "./job";
import { Upload } from "./upload";

function DocumentDialog({ document, onClose }: { document: Document; onClose: () => void }) {
  const query = useQuery(queries.document(document.id));
  return (
    <Dialog open onOpenChange={onClose} title={document.title} description={`${plural(document.passages, "passage")}, as the assistant sees them`} wide>
      <QueryView query={query} label="Loading the document">
        {(read) => (
          <ol className="space-y-3">
            {read.passages.map((passage) => (
              <li key={passage.id} className="rounded-lg border border-line bg-surface px-3 py-2">
                <p className="text-xs font-semibold text-muted">{passage.section}</p>
                <p className="text-sm whitespace-pre-wrap" dir="auto">{passage.text}</p>
              </li>
            ))}
          </ol>
        )}
      </QueryView>
    </Dialog>
  );
}

export function DocumentsTab() {
  const query = useQuery(queries.documents());
  const client = useQueryClient();
  const now = useNow();
  const { may } = useMe();
  const { job, start } = useJob();
  const [shown, setShown] = useState<Document | null>(null);
  const [leaving, setLeaving] = useState<Document | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => api(`/knowledge/documents/${id}`, { method: "DELETE" }),
    onSuccess: async () => {
      announce("Removed. The assistant no longer uses it.");
      setLeaving(null);
      await client.invalidateQueries({ queryKey: ["documents"] });
    },
  });
  const reindex = useMutation({ mutationFn: () => api<KnowledgeJob>("/knowledge/reindex", { method: "POST", body: {} }), onSuccess: start, onError: (error) => announce(explain(error), { tone: "failed" }) });
  return (
    <>
      {may("operator") && <Upload />}
      <QueryView query={query} label="Loading documents" empty={<EmptyState icon={BookOpen} title="No documents yet">Drop your help articles above. Without documents the assistant hands every question to a person.</EmptyState>}>
        {(documents) => (
          <section className="card overflow-hidden">
            <header className="flex items-center gap-3 border-b border-line px-4 py-2">
              <h2 className="flex-1 text-sm">{plural(documents.length, "document")}, {plural(documents.reduce((sum, { passages }) => sum + passages, 0), "passage")}</h2>
              {may("operator") && (
                <button type="button" className="button button-quiet" disabled={reindex.isPending || job?.state === "running"} onClick={() => reindex.mutate()}>
                  <RefreshCw size={14} aria-hidden /> Read again
                </button>
              )}
            </header>
            <TableFrame label="Documents">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Title</th>
                    <th scope="col">Comes from</th>
                    <th scope="col" className="number">Passages</th>
                    <th scope="col">Changed</th>
                    <th scope="col"><span className="sr-only">Actions</span></th>
                  </tr>
                </thead>
                <tbody>
                  {documents.map((document) => (
                    <tr key={document.id}>
                      <td>
                        <button type="button" className="text-start font-medium underline-offset-2 hover:underline" onClick={() => setShown(document)}>{document.title}</button>
                      </td>
                      <td className="text-muted">{document.editable ? "Console" : "Folder on the box"}</td>
                      <td className="number">{document.passages}</td>
                      <td className="whitespace-nowrap text-muted">{shortDate(document.updated_at, now)}</td>
                      <td className="w-10 py-1!">
                        {document.editable && may("operator") && (
                          <button type="button" className="icon-button" aria-label={`Remove ${document.title}`} onClick={() => setLeaving(document)}>
                            <Trash2 size={14} aria-hidden />
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
          </section>
        )}
      </QueryView>
      {shown !== null && <DocumentDialog document={shown} onClose={() => setShown(null)} />}
      {leaving !== null && (
        <Dialog open onOpenChange={() => setLeaving(null)} title={`Remove “${leaving.title}”?`} description="The assistant stops answering from it at once.">
          {remove.isError && <p role="alert" className="mb-2 text-sm text-brick">{explain(remove.error)}</p>}
          <div className="flex justify-end gap-2">
            <button type="button" className="button button-plain" onClick={() => setLeaving(null)}>Keep it</button>
            <button type="button" className="button button-danger" disabled={remove.isPending} onClick={() => remove.mutate(leaving.id)}>Remove</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
