import type { ReactNode } from 'react';
import { Avatar } from './avatar.tsx';
import { BlockView } from './blocks/block.tsx';
import { SendContext, usePage, type Send } from './scope.ts';
import { SharedFileView } from './shared-file.tsx';
import { messageTime } from './text/dates.ts';
import { Text } from './text/text.tsx';
import { displayName, type AnyBlock, type Ephemeral, type Reply, type User } from './workspace.ts';

const slackbot: User = { id: 'USLACKBOT', name: 'Slackbot', color: '#1264a3', isBot: false };

/** Blocks where there are some, else the text: `text` beside blocks is only for notifications. */
const Content = ({ text, blocks }: { readonly text: string; readonly blocks: readonly AnyBlock[] }): ReactNode =>
  blocks.length > 0
    ? blocks.map((block, place) => <BlockView key={block.block_id ?? place} block={block} />)
    : text !== '' && (
        <div className="block">
          <Text of={{ type: 'mrkdwn', text }} />
        </div>
      );

interface FrameProps {
  readonly author: string | undefined;
  readonly ts: string;
  /** Only the person in front of the page sees it. */
  readonly isPrivate?: boolean;
  readonly children: ReactNode;
}

const Frame = ({ author, ts, isPrivate = false, children }: FrameProps): ReactNode => {
  const { users, botName } = usePage();
  const known = author === slackbot.id ? slackbot : users.get(author ?? '');
  const person = known === undefined || known.isBot ? null : known;
  const { iso, short, full } = messageTime(ts);
  const name = person === null ? botName : displayName(person);
  return (
    <article className={`message ${isPrivate ? 'message-private' : ''}`} data-ts={ts} aria-label={`${name}, ${short}`}>
      <Avatar person={person} />
      <div className="message-body">
        {isPrivate && (
          <p className="only-you">
            <svg viewBox="0 0 20 20" aria-hidden="true">
              <path d="M10 4C5.5 4 2.4 7.4 1 10c1.4 2.6 4.5 6 9 6s7.6-3.4 9-6c-1.4-2.6-4.5-6-9-6m0 9.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7m0-2a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3" />
            </svg>
            Only visible to you
          </p>
        )}
        <p className="message-head">
          <strong>{name}</strong>
          {person === null && <span className="app-badge">APP</span>}
          <time dateTime={iso} title={full}>
            {short}
          </time>
        </p>
        {children}
      </div>
    </article>
  );
};

interface MessageProps {
  readonly message: Reply;
  /** How its controls reach the bot. */
  readonly send: Send;
  /** What stands below it: the link to its thread. */
  readonly children?: ReactNode;
}

/** A message that everybody in the channel sees. */
export const MessageView = ({ message, send, children }: MessageProps): ReactNode => (
  <Frame author={message.user} ts={message.ts}>
    {message.deleted ? (
      <p className="tombstone">This message was deleted.</p>
    ) : (
      <SendContext value={send}>
        <Content text={message.text} blocks={message.blocks} />
        {message.files.map((id) => (
          <SharedFileView key={id} id={id} />
        ))}
      </SendContext>
    )}
    {children}
  </Frame>
);

interface EphemeralProps {
  readonly message: Ephemeral;
  readonly send: Send;
}

/** A message that only the person in front of the page sees. */
export const EphemeralView = ({ message, send }: EphemeralProps): ReactNode => (
  <Frame author={message.from} ts={message.ts} isPrivate>
    <SendContext value={send}>
      <Content text={message.text} blocks={message.blocks} />
    </SendContext>
  </Frame>
);
