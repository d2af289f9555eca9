/** Chooses the page for the address and gives it the company's configuration. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { fetchConfig } from "./api/client";
import { FALLBACK_CONFIG, type SupportConfig } from "./api/contract";
import { FormPage } from "./form/form-page";
import { NotFoundPage } from "./not-found-page";
import { routeOf } from "./route";
import { StatusPage } from "./status/status-page";
import { Shell } from "./ui/shell";

function subscribeToAddress(notify: () => void): () => void {
  window.addEventListener("hashchange", notify);
  window.addEventListener("popstate", notify);
  return () => {
    window.removeEventListener("hashchange", notify);
    window.removeEventListener("popstate", notify);
  };
}

function useConfig(): SupportConfig | null {
  const [config, setConfig] = useState<SupportConfig | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void fetchConfig().then((outcome) => {
      // The form works on the contract's defaults: a lost configuration stops nobody from asking.
      if (isCurrent) setConfig(outcome.ok ? outcome.value : FALLBACK_CONFIG);
    });
    return () => {
      isCurrent = false;
    };
  }, []);
  return config;
}

export function App() {
  const config = useConfig();
  const address = useSyncExternalStore(subscribeToAddress, () => window.location.pathname + window.location.hash);
  const [pathname = "/", ...hash] = address.split("#");
  const route = routeOf(pathname, hash.join("#"));
  return (
    <Shell
      config={config}
      // On a ticket it stands with the assistant's words instead.
      disclosure={route.page === "form" ? config?.disclosure : undefined}
    >
      {route.page === "form" && <FormPage config={config} />}
      {route.page === "status" && (
        <StatusPage
          key={`${route.reference}#${route.token}`}
          reference={route.reference}
          token={route.token}
          config={config ?? FALLBACK_CONFIG}
        />
      )}
      {route.page === "not_found" && <NotFoundPage config={config ?? FALLBACK_CONFIG} />}
    </Shell>
  );
}
