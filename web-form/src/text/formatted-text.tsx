/** Shows message text: the tree of `blocks.ts` as React elements, never as HTML. */
import { Fragment, useMemo } from "react";
import { parseBlocks, type Block, type Inline } from "./blocks";
import { copy } from "../copy";
import { ExternalIcon } from "../ui/icons";

function InlinePart({ part }: { part: Inline }) {
  switch (part.type) {
    case "text":
      return part.text;
    case "strong":
      return <strong className="font-semibold">{part.text}</strong>;
    case "code":
      return <code className="inline-code">{part.text}</code>;
    case "link":
      return part.external ? (
        <a className="link" href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
          <ExternalIcon className="ms-0.5 inline size-3.5 align-[-0.1em]" />
          <span className="sr-only"> {copy.opensElsewhere}</span>
        </a>
      ) : (
        <a className="link" href={part.href}>
          {part.text}
        </a>
      );
  }
}

function Line({ parts }: { parts: Inline[] }) {
  return parts.map((part, index) => <InlinePart key={index} part={part} />);
}

function Lines({ lines }: { lines: Inline[][] }) {
  return lines.map((parts, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      <Line parts={parts} />
    </Fragment>
  ));
}

function BlockView({ block }: { block: Block }) {
  switch (block.type) {
    case "heading":
      return (
        <p className="font-semibold">
          <Line parts={block.content} />
        </p>
      );
    case "paragraph":
      return (
        <p>
          <Lines lines={block.lines} />
        </p>
      );
    case "list": {
      const items = block.items.map((lines, index) => (
        <li key={index}>
          <Lines lines={lines} />
        </li>
      ));
      return block.ordered ? (
        <ol start={block.start} className="formatted-list list-decimal">
          {items}
        </ol>
      ) : (
        <ul className="formatted-list list-disc">{items}</ul>
      );
    }
  }
}

/** `dir="auto"` lets each message read in its own language's direction. */
export function FormattedText({ text }: { text: string }) {
  const blocks = useMemo(() => parseBlocks(text, window.location.origin), [text]);
  return (
    <div className="formatted" dir="auto">
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

/** What a customer typed, exactly as typed. */
export function PlainText({ text }: { text: string }) {
  return (
    <p className="whitespace-pre-wrap wrap-anywhere" dir="auto">
      {text}
    </p>
  );
}
