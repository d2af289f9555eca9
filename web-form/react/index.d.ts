import type { CSSProperties, ReactElement } from "react";

type Shared = {
  /** The box's address, such as "https://support.example.com". */
  box: string;
  heading?: string;
  theme?: "light";
  className?: string;
  /** Custom properties such as `--frontdesk-accent` go here. */
  style?: CSSProperties;
  /** widget.js could not be loaded. */
  onError?: (error: Error) => void;
};

export function FrontdeskForm(
  props: Shared & {
    /** Without a frame of its own. */
    bare?: boolean;
    /** Called with the ticket's reference once the box has the message. */
    onSubmitted?: (reference: string) => void;
  },
): ReactElement;

export function FrontdeskChat(props: Shared & { label?: string; side?: "start" }): ReactElement;

/** Loads a box's widget.js once a page; for pages that want it early. */
export function loadWidget(box: string): Promise<void>;
