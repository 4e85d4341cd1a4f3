import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { ChannelView } from './channel-view.tsx';
import { Composer } from './composer.tsx';
import { fetchWorkspace, sendClick, sendCommand } from './control.ts';
import { HomeView } from './home-view.tsx';
import { failureText } from './failures.ts';
import { Modal } from './modal.tsx';
import { SandboxBar } from './sandbox-bar.tsx';
import { PageContext, type Send } from './scope.ts';
import { Sidebar } from './sidebar.tsx';
import { readStored, writeStored } from './stored.ts';
import { ThreadPane } from './thread-pane.tsx';
import { useToasts } from './toasts.tsx';
import { useLive } from './use-live.ts';
import { useTheme } from './use-theme.ts';
import { useUnread } from './use-unread.ts';
import { displayName, firstChannel, incidentIds, modalOf } from './workspace.ts';

const Starting = ({ problem }: { readonly problem: string | null }): ReactNode => (
  <output className="starting">
    {problem === null ? 'Opening the workspace…' : `The sandbox could not be read: ${problem}. Trying again…`}
  </output>
);

export const App = (): ReactNode => {
  const { state: workspace, readAt, connection, problem } = useLive('/slack/events', fetchWorkspace);
  const { choice, theme, choose } = useTheme();
  const { say, view: toasts } = useToasts();
  const fail = useCallback(
    (what: string, { error }: { readonly error: string }): void => say(failureText(what, error)),
    [say],
  );
  const [meChosen, setMe] = useState(readStored('me'));
  const [opened, setOpened] = useState<string | null>(null);
  const [isHome, setHome] = useState(false);
  const [threadTs, setThreadTs] = useState<string | null>(null);

  const channels = workspace?.channels ?? [];
  const people = workspace?.users.filter((one) => !one.isBot) ?? [];
  const me = (people.find((one) => one.id === meChosen) ?? people[0])?.id ?? '';
  const channel = channels.find((one) => one.id === opened) ?? firstChannel(channels);
  // Kept from the first reading on: a message elsewhere must not pull the reader away.
  if (channel !== undefined && channel.id !== opened) setOpened(channel.id);
  const channelId = channel?.id ?? '';
  const thread = isHome ? undefined : channel?.messages.find((root) => root.ts === threadTs);
  const unread = useUnread(channels, channelId);
  const scope = useMemo(
    () => ({
      theme,
      now: readAt,
      botName: workspace?.users.find((one) => one.isBot)?.name ?? 'Oomkeeper',
      users: new Map(workspace?.users.map((one) => [one.id, one])),
      groups: new Map(workspace?.groups.map((one) => [one.id, one.handle])),
      channels: new Map(workspace?.channels.map((one) => [one.id, one.name])),
      files: new Map(Object.entries(workspace?.files ?? {})),
    }),
    [theme, readAt, workspace],
  );
  useEffect(() => {
    const place = isHome ? 'Home · ' : channel === undefined ? '' : `#${channel.name} · `;
    document.title = `${unread.size > 0 ? '• ' : ''}${place}Oomkeeper sandbox`;
  });

  if (workspace === null || channel === undefined) return <Starting problem={problem} />;

  const sendIn =
    (ts: string): Send =>
    async (blockId, { actionId, value }) => {
      const outcome = await sendClick({
        user: me,
        channel: channel.id,
        ts,
        action_id: actionId,
        block_id: blockId,
        value,
      });
      if (!outcome.ok) say(failureText('The click', outcome.error));
    };
  const modal = modalOf(workspace, me);
  const run = async (text: string): Promise<void> => {
    const outcome = await sendCommand({ user: me, channel: channel.id, text });
    if (!outcome.ok) say(failureText(text, outcome.error));
  };

  return (
    <PageContext value={scope}>
      <div className={`page ${thread === undefined ? '' : 'page-thread'}`}>
        <SandboxBar
          unlike="Slack"
          other={{ href: '/github/', name: 'GitHub' }}
          people={people.map((person) => ({ id: person.id, name: displayName(person), note: person.note }))}
          me={me}
          connection={connection}
          themeChoice={choice}
          onSwitch={(id) => {
            setMe(id);
            writeStored('me', id);
          }}
          onTheme={choose}
        />
        <Sidebar
          team={workspace.team?.name ?? 'Sandbox'}
          app={scope.botName}
          channels={channels}
          current={isHome ? null : channel.id}
          unread={unread}
          people={people}
          me={me}
          onOpen={(id) => {
            setOpened(id);
            setHome(false);
            setThreadTs(null);
          }}
          onHome={() => setHome(true)}
        />
        {isHome ? (
          <HomeView key={me} workspace={workspace} me={me} onFailure={fail} />
        ) : (
          <main className="channel" aria-label={`Channel ${channel.name}`}>
            <header className="pane-head">
              <h2># {channel.name}</h2>
            </header>
            <ChannelView workspace={workspace} channel={channel} me={me} sendIn={sendIn} onOpenThread={setThreadTs} />
            <Composer
              channelName={channel.name}
              commands={workspace.commands}
              incidents={incidentIds(channel.messages)}
              onCommand={run}
            />
          </main>
        )}
        {thread && (
          <ThreadPane
            key={thread.ts}
            workspace={workspace}
            channel={channel}
            root={thread}
            me={me}
            sendIn={sendIn}
            onClose={() => setThreadTs(null)}
          />
        )}
        {modal && <Modal key={modal.id} view={modal} me={me} onFailure={fail} />}
        {toasts}
      </div>
    </PageContext>
  );
};
