/** Copies a text and says so. */
import { useEffect, useState, type ReactNode } from "react";
import { copy } from "../copy";
import { CheckIcon, CopyIcon } from "./icons";

/** The clipboard interface exists only on https pages; a box on a LAN is often reached by plain http. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "sr-only";
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way left without https
    const isCopied = document.execCommand("copy");
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return isCopied;
  }
}

type CopyButtonProps = { text: string; label: string; icon?: ReactNode; className?: string };

export function CopyButton({ text, label, icon = <CopyIcon className="size-4" />, className = "" }: CopyButtonProps) {
  const [isCopied, setIsCopied] = useState(false);

  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => {
      setIsCopied(false);
    }, 2500);
    return () => {
      clearTimeout(timer);
    };
  }, [isCopied]);

  return (
    <button
      type="button"
      className={`button button-quiet button-small ${className}`}
      onClick={() => {
        void copyText(text).then(setIsCopied);
      }}
    >
      {isCopied ? <CheckIcon className="size-4 text-accent" /> : icon}
      <span aria-hidden={isCopied}>{isCopied ? copy.copied : label}</span>
      <span role="status" className="sr-only">
        {isCopied ? copy.copied : ""}
      </span>
    </button>
  );
}
