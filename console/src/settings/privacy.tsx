import { Link } from "@tanstack/react-router";
import { useMe } from "~/shell/use-me";
import { Section } from "~/ui/page";
import { EgressLedger } from "./egress";
import { PersonSection } from "./person";

export function PrivacySection() {
  const { may } = useMe();
  return (
    <>
      <EgressLedger />
      {may("administrator") && <PersonSection />}
      <Section title="Where it is">
        <div className="space-y-2 p-4 text-sm">
          <p>Everything lies in one database on this box. If a hosted model is enabled for hard cases, personal details are taken out before a question is sent; each conversation shows word for word what was sent for it.</p>
          <p>Who looked and who changed something stands in the {may("administrator") ? <Link to="/settings/$section" params={{ section: "audit" }} className="text-pine underline underline-offset-2">audit log</Link> : "audit log"}; it holds no customer’s words.</p>
        </div>
      </Section>
    </>
  );
}
