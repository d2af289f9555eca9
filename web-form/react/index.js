/** Thin components around the custom elements that the box's own widget.js defines: what is shown always fits the box's version. */
import { createElement, useEffect, useRef } from "react";

const loading = new Map();

/** Loads widget.js of a box once a page. */
export function loadWidget(box) {
  const source = new URL("/widget.js", box).href;
  let promise = loading.get(source);
  if (promise === undefined) {
    promise = new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.async = true;
      script.onload = () => resolve();
      script.onerror = () => {
        // A later mount may try again.
        loading.delete(source);
        script.remove();
        reject(new Error(`${source} could not be loaded`));
      };
      document.head.append(script);
    });
    loading.set(source, promise);
  }
  return promise;
}

function useWidget(box, onError) {
  const failed = useRef(onError);
  useEffect(() => {
    failed.current = onError;
  });
  useEffect(() => {
    loadWidget(box).catch((error) => failed.current?.(error));
  }, [box]);
}

export function FrontdeskForm({ box, heading, bare, theme, onSubmitted, onError, ...rest }) {
  const element = useRef(null);
  useWidget(box, onError);
  useEffect(() => {
    const node = element.current;
    if (node === null || onSubmitted === undefined) return undefined;
    const listener = (event) => onSubmitted(event.detail.reference);
    node.addEventListener("frontdesk-submitted", listener);
    return () => node.removeEventListener("frontdesk-submitted", listener);
  }, [onSubmitted]);
  return createElement("frontdesk-form", { ...rest, ref: element, origin: box, heading, theme, bare: bare ? "" : undefined });
}

export function FrontdeskChat({ box, label, heading, side, theme, onError, ...rest }) {
  useWidget(box, onError);
  return createElement("frontdesk-chat", { ...rest, origin: box, label, heading, side, theme });
}
