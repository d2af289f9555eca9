import { Link } from "@tanstack/react-router";
import { Section } from "~/ui/page";

export function PrivacySection() {
  return (
    <>
      <Section title="What leaves the box" lead="The ledger of every request that went elsewhere">
        <div className="space-y-2 p-4 text-sm">
          <p>Answers are made on the box. If a hosted model is enabled for hard cases, personal details are taken out before a question is sent, and each request is written down word for word.</p>
          <p>Each conversation shows what was sent for it: open one and look at <strong className="font-semibold">What left the box</strong> in the assistant’s panel.</p>
        </div>
      </Section>
      <Section title="Customers’ data" lead="Where it is, and how it ends">
        <div className="space-y-2 p-4 text-sm">
          <p>Everything lies in one database on this box. Removing a customer takes messages, drafts, marks and passages of theirs along.</p>
          <p>Who looked and who changed something stands in the <Link to="/settings/$section" params={{ section: "audit" }} className="text-pine underline underline-offset-2">audit log</Link>; it holds no customer’s words.</p>
        </div>
      </Section>
    </>
  );
}
