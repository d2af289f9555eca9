import type { ConversationDetail } from "~/api/contract";
import { Tabs } from "~/ui/tabs";
import { AssistantTab } from "./assistant-tab";
import { CustomerTab } from "./customer-tab";

export function SidePanel({ detail, tab, onTab }: { detail: ConversationDetail; tab: string; onTab: (tab: string) => void }) {
  return (
    <Tabs
      label="Customer and assistant"
      fill
      value={tab}
      onChange={onTab}
      tabs={[
        { value: "assistant", label: "Assistant", content: <AssistantTab detail={detail} /> },
        { value: "customer", label: "Customer", content: <CustomerTab detail={detail} /> },
      ]}
    />
  );
}
