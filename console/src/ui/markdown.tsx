/** Markdown as elements, never as HTML. Only operators' own text passes here; customers' text is shown as it is. */
import Markdown from "react-markdown";

export default function MarkdownText({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown
        skipHtml
        components={{
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer noopener">
              {children}
            </a>
          ),
          // A picture elsewhere would tell its server that the text was read.
          img: ({ alt }) => <span>{alt}</span>,
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
