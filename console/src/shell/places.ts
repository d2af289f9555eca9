/** The console's screens, for the rail, the bottom bar and the palette. */
import { BarChart3, BookOpen, Inbox, Search, Settings, Siren, Sparkles, Users } from "lucide-react";

export const PLACES = [
  { to: "/inbox", label: "Inbox", icon: Inbox, badge: "waiting" },
  { to: "/review", label: "Review", icon: Sparkles, badge: "needs_approval" },
  { to: "/escalations", label: "Escalations", icon: Siren, badge: "escalated" },
  { to: "/search", label: "Search", icon: Search, badge: null },
  { to: "/customers", label: "Customers", icon: Users, badge: null },
  { to: "/knowledge", label: "Knowledge", icon: BookOpen, badge: null },
  { to: "/analytics", label: "Analytics", icon: BarChart3, badge: null },
  { to: "/settings", label: "Settings", icon: Settings, badge: null },
] as const;
