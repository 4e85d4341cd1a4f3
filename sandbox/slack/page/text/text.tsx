import { Fragment, type ReactNode } from 'react';
import type { TextObject } from '../blocks/shapes.ts';
import { usePage } from '../scope.ts';
import { displayName } from '../workspace.ts';
import { formatDate } from './dates.ts';
import { parseMrkdwn, parsePlain, type Inline, type Paragraph } from './mrkdwn.ts';

const safeUrl = (url: string): string | undefined => (/^(?:https?:|mailto:|tel:)/i.test(url) ? url : undefined);

const OutLink = ({ url, children }: { readonly url: string; readonly children: ReactNode }): ReactNode => (
  <a href={safeUrl(url)} target="_blank" rel="noreferrer noopener">
    {children}
  </a>
);

export const Emoji = ({ name, glyph }: { readonly name: string; readonly glyph: string }): ReactNode => (
  <span
    className="emoji"
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- the picture is a character, which no <img> can hold
    role="img"
    aria-label={`${name.replaceAll('_', ' ')} emoji`}
    title={`:${name}:`}
  >
    {glyph}
  </span>
);

const Mention = ({ inline }: { readonly inline: Extract<Inline, { id: string }> }): ReactNode => {
  const { users, channels, groups } = usePage();
  const person = users.get(inline.id);
  const known =
    inline.kind === 'channel' ? channels.get(inline.id) : (groups.get(inline.id) ?? (person && displayName(person)));
  const sign = inline.kind === 'channel' ? '#' : '@';
  return <span className="mention">{sign + (known ?? inline.label ?? inline.id)}</span>;
};

const SlackDate = ({ inline }: { readonly inline: Extract<Inline, { kind: 'date' }> }): ReactNode => {
  const { now } = usePage();
  const shown = formatDate(inline.seconds, inline.format, inline.fallback, now);
  const time = <time title={new Date(inline.seconds * 1000).toLocaleString()}>{shown}</time>;
  return inline.url === null ? time : <OutLink url={inline.url}>{time}</OutLink>;
};

const InlineView = ({ inline }: { readonly inline: Inline }): ReactNode => {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code className="code">{inline.text}</code>;
    case 'emoji':
      return <Emoji name={inline.name} glyph={inline.glyph} />;
    case 'bold':
      return (
        <strong>
          <Inlines inlines={inline.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Inlines inlines={inline.children} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Inlines inlines={inline.children} />
        </s>
      );
    case 'link':
      return (
        <OutLink url={inline.url}>
          <Inlines inlines={inline.children} />
        </OutLink>
      );
    case 'user':
    case 'channel':
    case 'usergroup':
      return <Mention inline={inline} />;
    case 'broadcast':
      return <span className="mention mention-broadcast">@{inline.range}</span>;
    case 'date':
      return <SlackDate inline={inline} />;
  }
};

const Inlines = ({ inlines }: { readonly inlines: readonly Inline[] }): ReactNode =>
  // A text's parts have no identity of their own: its place is the only key there is.
  inlines.map((inline, place) => (
    <Fragment key={place}>
      <InlineView inline={inline} />
    </Fragment>
  ));

const ParagraphView = ({ paragraph }: { readonly paragraph: Paragraph }): ReactNode => {
  switch (paragraph.kind) {
    case 'preformatted':
      return <pre className="preformatted">{paragraph.text}</pre>;
    case 'quote':
      return (
        <blockquote className="quote">
          <Inlines inlines={paragraph.children} />
        </blockquote>
      );
    case 'lines':
      return (
        <div className="lines">
          <Inlines inlines={paragraph.children} />
        </div>
      );
  }
};

export const Mrkdwn = ({ text }: { readonly text: string }): ReactNode =>
  parseMrkdwn(text).map((paragraph, place) => <ParagraphView key={place} paragraph={paragraph} />);

export const Plain = ({ text }: { readonly text: string }): ReactNode => <Inlines inlines={parsePlain(text)} />;

/** A Block Kit text object, by its type. */
export const Text = ({ of }: { readonly of: TextObject }): ReactNode =>
  of.type === 'mrkdwn' ? (
    <Mrkdwn text={of.text} />
  ) : (
    <div className="lines">
      <Plain text={of.text} />
    </div>
  );
