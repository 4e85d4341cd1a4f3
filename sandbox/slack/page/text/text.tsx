import { Fragment, type ReactNode } from 'react';
import type { TextObject } from '../blocks/shapes.ts';
import { usePage } from '../scope.ts';
import { displayName } from '../workspace.ts';
import { formatDate } from './dates.ts';
import { parseMrkdwn, type Inline } from './mrkdwn.ts';

const Emoji = ({ name, glyph }: { readonly name: string; readonly glyph: string }): ReactNode => (
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

const Mention = ({ id }: { readonly id: string }): ReactNode => {
  const { users, groups } = usePage();
  const person = users.get(id);
  return <span className="mention">@{groups.get(id) ?? (person && displayName(person)) ?? id}</span>;
};

const ChannelMention = ({ id, name }: { readonly id: string; readonly name: string }): ReactNode => {
  const { channels } = usePage();
  return <span className="mention">#{channels.get(id) ?? (name === '' ? id : name)}</span>;
};

const InlineView = ({ inline }: { readonly inline: Inline }): ReactNode => {
  const { now } = usePage();
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
    case 'quote':
      return (
        <blockquote className="quote">
          <Inlines inlines={inline.children} />
        </blockquote>
      );
    case 'preformatted':
      return <Preformatted text={inline.text} />;
    case 'link':
      return (
        <a href={inline.url} target="_blank" rel="noreferrer noopener">
          {inline.text}
        </a>
      );
    case 'mention':
      return <Mention id={inline.id} />;
    case 'channel':
      return <ChannelMention id={inline.id} name={inline.name} />;
    case 'date':
      return (
        <time title={new Date(inline.seconds * 1000).toLocaleString()}>
          {formatDate(inline.seconds, inline.format, inline.fallback, now)}
        </time>
      );
  }
};

/** Long ones scroll in themselves, by the keyboard too. */
export const Preformatted = ({ text }: { readonly text: string }): ReactNode => (
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached without a pointer
  <pre className="preformatted" tabIndex={0}>
    {text}
  </pre>
);

const Inlines = ({ inlines }: { readonly inlines: readonly Inline[] }): ReactNode =>
  // A text's parts have no identity of their own: its place is the only key there is.
  inlines.map((inline, place) => (
    <Fragment key={place}>
      <InlineView inline={inline} />
    </Fragment>
  ));

/** A Block Kit text object: `mrkdwn` with its markup, `plain_text` as it is. */
export const Text = ({ of }: { readonly of: Pick<TextObject, 'type' | 'text' | 'verbatim'> }): ReactNode => (
  <div className="lines">
    {of.type === 'mrkdwn' ? <Inlines inlines={parseMrkdwn(of.text, of.verbatim === true)} /> : of.text}
  </div>
);
