import { createElement, type ReactNode } from 'react';
import { type Block, parseMarkdown, type Span } from './markdown.ts';

const Spans = ({ spans }: { readonly spans: readonly Span[] }): ReactNode =>
  // A text's parts have no identity of their own: their place is the only key there is.
  spans.map((span, place) => <SpanView key={place} span={span} />);

const SpanView = ({ span }: { readonly span: Span }): ReactNode => {
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'code':
      return <code className="code">{span.text}</code>;
    case 'strong':
      return (
        <strong>
          <Spans spans={span.spans} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Spans spans={span.spans} />
        </em>
      );
    case 'struck':
      return (
        <s>
          <Spans spans={span.spans} />
        </s>
      );
    case 'link':
      return (
        <a href={span.url} target="_blank" rel="noreferrer noopener">
          <Spans spans={span.spans} />
        </a>
      );
  }
};

const Table = ({ block }: { readonly block: Extract<Block, { kind: 'table' }> }): ReactNode => (
  <table>
    <thead>
      <tr>
        {block.head.map((spans, column) => (
          <th key={column} scope="col">
            <Spans spans={spans} />
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {block.rows.map((row, place) => (
        <tr key={place}>
          {row.map((spans, column) => (
            <td key={column}>
              <Spans spans={spans} />
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
);

const BlockView = ({ block }: { readonly block: Block }): ReactNode => {
  switch (block.kind) {
    case 'heading':
      // Below the page's own two levels, so that the outline stays one.
      return createElement(`h${Math.min(6, block.level + 2)}`, {}, <Spans spans={block.spans} />);
    case 'paragraph':
      return (
        <p>
          <Spans spans={block.spans} />
        </p>
      );
    case 'code':
      return <CodeBlock language={block.language} text={block.text} />;
    case 'quote':
      return (
        <blockquote>
          <Blocks blocks={block.blocks} />
        </blockquote>
      );
    case 'list':
      return createElement(
        block.isOrdered ? 'ol' : 'ul',
        {},
        block.items.map((blocks, place) => (
          <li key={place}>
            <Blocks blocks={blocks} />
          </li>
        )),
      );
    case 'table':
      return <Table block={block} />;
    case 'rule':
      return <hr />;
  }
};

const signs: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk' };

const CodeBlock = ({ language, text }: { readonly language: string; readonly text: string }): ReactNode => (
  <pre className="code-block">
    {language === 'diff'
      ? text.split('\n').map((line, place) => (
          <span key={place} className={`diff-${signs[line.charAt(0)] ?? 'kept'}`}>
            {`${line}\n`}
          </span>
        ))
      : text}
  </pre>
);

const Blocks = ({ blocks }: { readonly blocks: readonly Block[] }): ReactNode =>
  blocks.map((block, place) => <BlockView key={place} block={block} />);

/** A text that somebody wrote, as Markdown; nothing in it can become markup of the page. */
export const Markdown = ({ text }: { readonly text: string }): ReactNode => (
  <div className="markdown">
    <Blocks blocks={parseMarkdown(text)} />
  </div>
);
