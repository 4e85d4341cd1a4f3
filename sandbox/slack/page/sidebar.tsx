import type { ReactNode } from 'react';
import { Avatar } from './avatar.tsx';
import { displayName, type Channel, type User } from './workspace.ts';

interface Props {
  readonly team: string;
  readonly app: string;
  readonly channels: readonly Channel[];
  /** The channel that is open; null in the app's Home tab. */
  readonly current: string | null;
  readonly unread: ReadonlySet<string>;
  readonly people: readonly User[];
  readonly me: string;
  readonly onOpen: (channelId: string) => void;
  readonly onHome: () => void;
}

/** The workspace's channels, its app and its people. */
export const Sidebar = ({ team, app, channels, current, unread, people, me, onOpen, onHome }: Props): ReactNode => (
  <nav className="sidebar" aria-label="Workspace">
    <h1>{team}</h1>
    <h2 id="channels">Channels</h2>
    <ul aria-labelledby="channels">
      {channels.map((channel) => (
        <li key={channel.id}>
          <button
            type="button"
            className={unread.has(channel.id) ? 'unread' : ''}
            aria-current={channel.id === current ? 'page' : undefined}
            onClick={() => onOpen(channel.id)}
          >
            <span aria-hidden="true">#</span> {channel.name}
            {channel.isArchived && <small> (archived)</small>}
            {unread.has(channel.id) && (
              <span className="unread-dot">
                <span className="hidden-text">unread messages</span>
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
    <h2 id="apps">Apps</h2>
    <ul aria-labelledby="apps">
      <li>
        <button type="button" aria-current={current === null ? 'page' : undefined} onClick={onHome}>
          <Avatar person={null} /> {app}
        </button>
      </li>
    </ul>
    <h2 id="people">People</h2>
    <ul aria-labelledby="people" className="sidebar-rest">
      {people.map((person) => (
        <li key={person.id}>
          <Avatar person={person} /> {displayName(person)} {person.id === me && <small>you</small>}
        </li>
      ))}
    </ul>
  </nav>
);
