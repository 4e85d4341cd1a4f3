import { Fragment, type ReactNode } from 'react';
import { EphemeralView, MessageView } from './message.tsx';
import { usePage, type Send } from './scope.ts';
import { ScrollToEnd } from './scroll-to-end.tsx';
import { dayLabel, messageTime } from './text/dates.ts';
import { byTime, ephemeralsFor, type Channel, type Ephemeral, type RootMessage, type Workspace } from './workspace.ts';

interface ThreadLinkProps {
  readonly root: RootMessage;
  readonly privately: number;
  readonly onOpen: () => void;
}

const ThreadLink = ({ root, privately, onOpen }: ThreadLinkProps): ReactNode => {
  if (root.thread_ts !== undefined && root.thread_ts !== root.ts) {
    return (
      <button type="button" className="thread-link" onClick={onOpen}>
        <span>Replied to a thread, also sent to the channel</span>
      </button>
    );
  }
  const count = Math.max(root.reply_count, root.replies.length);
  if (count === 0 && privately === 0) return null;
  const last = root.replies.at(-1);
  return (
    <button type="button" className="thread-link" onClick={onOpen}>
      {count > 0 && <strong>{count === 1 ? '1 reply' : `${count} replies`}</strong>}
      {last && <span>Last reply {messageTime(last.ts).short}</span>}
      {privately > 0 && <em>{privately === 1 ? '1 message' : `${privately} messages`} only visible to you</em>}
    </button>
  );
};

const Empty = ({ channel }: { readonly channel: Channel }): ReactNode => (
  <div className="empty">
    <p className="empty-title">{channel.hasApp ? 'Waiting for the first kill…' : 'Oomkeeper is not in this channel'}</p>
    {channel.hasApp ? (
      <p>
        A small pretend cluster is running. When one of its containers is killed for memory, Oomkeeper opens a thread in{' '}
        <strong>#{channel.name}</strong>: first the fact, then the reason, then a fix to approve. Meanwhile, try{' '}
        <code className="code">/oom help</code> below.
      </p>
    ) : (
      <p>
        It opens no threads here, but answers <code className="code">/oom help</code> here too, for you alone.
      </p>
    )}
  </div>
);

type Line = { readonly ts: string } & (
  | { readonly root: RootMessage; readonly ephemeral?: never }
  | { readonly ephemeral: Ephemeral; readonly root?: never }
);

interface Props {
  readonly workspace: Workspace;
  readonly channel: Channel;
  readonly me: string;
  readonly sendIn: (ts: string) => Send;
  readonly onOpenThread: (ts: string) => void;
}

/** A channel as Slack shows it: roots by time, a line at each new day, private answers among them. */
export const ChannelView = ({ workspace, channel, me, sendIn, onOpenThread }: Props): ReactNode => {
  const lines: readonly Line[] = [
    ...channel.messages.map((root) => ({ ts: root.ts, root })),
    ...ephemeralsFor(workspace, me, channel.id, null).map((ephemeral) => ({ ts: ephemeral.ts, ephemeral })),
  ].toSorted(byTime);
  const { now } = usePage();

  return (
    <ScrollToEnd key={channel.id} label={`Messages in ${channel.name}`}>
      {lines.length === 0 && <Empty channel={channel} />}
      {lines.map(({ ts, root, ephemeral }, place) => {
        const day = dayLabel(ts, now);
        const before = lines[place - 1];
        return (
          <Fragment key={`${ts} ${root === undefined ? 'private' : ''}`}>
            {(before === undefined || dayLabel(before.ts, now) !== day) && (
              <p className="day">
                <span>{day}</span>
              </p>
            )}
            {root === undefined ? (
              <EphemeralView message={ephemeral} send={sendIn(ts)} />
            ) : (
              <MessageView message={root} send={sendIn(ts)}>
                <ThreadLink
                  root={root}
                  privately={ephemeralsFor(workspace, me, channel.id, ts).length}
                  onOpen={() => onOpenThread(root.thread_ts ?? ts)}
                />
              </MessageView>
            )}
          </Fragment>
        );
      })}
    </ScrollToEnd>
  );
};
