/** Stands in for `react-remove-scroll` (see vite.config.ts): the dialogs' wrapper without the style element that it would write. */
import type { ReactElement, ReactNode, Ref } from "react";
import { cloneElement, isValidElement } from "react";

type Props = {
  children?: ReactNode;
  forwardProps?: boolean;
  as?: unknown;
  allowPinchZoom?: boolean;
  shards?: unknown;
  enabled?: boolean;
  removeScrollBar?: boolean;
  ref?: Ref<HTMLElement>;
};

export function RemoveScroll({ children, forwardProps, as, allowPinchZoom, shards, enabled, removeScrollBar, ref, ...rest }: Props): ReactNode {
  void [forwardProps, as, allowPinchZoom, shards, enabled, removeScrollBar];
  if (!isValidElement(children)) return children;
  return cloneElement(children as ReactElement<Record<string, unknown>>, { ...rest, ...(ref === undefined ? {} : { ref }) });
}
