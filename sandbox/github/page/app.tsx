import { useEffect, useState, type ReactNode } from 'react';
import { SandboxBar } from '../../slack/page/sandbox-bar.tsx';
import { readStored, writeStored } from '../../slack/page/stored.ts';
import { useToasts } from '../../slack/page/toasts.tsx';
import { useLive } from '../../slack/page/use-live.ts';
import { useTheme } from '../../slack/page/use-theme.ts';
import { fetchForge, type Forge } from './forge.ts';
import { PullList, PullView } from './pull-view.tsx';

/** Where one is, kept in the part of the address after `#`; anything but a pull request leads to the list. */
const linked = /^#\/([^/]+\/[^/]+)\/pull\/(\d+)$/;

const useHash = (): string => {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const onChange = (): void => {
      setHash(window.location.hash);
      window.scrollTo(0, 0);
    };
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return hash;
};

export const App = (): ReactNode => {
  const { connection, problem, state: forge } = useLive('/github/events', fetchForge);
  const { choice, choose } = useTheme();
  const { say, view: toasts } = useToasts();
  const [meChosen, setMe] = useState(readStored('github-me'));
  const hash = useHash();
  const people = forge?.people ?? [];
  const me = people.find((login) => login === meChosen) ?? people[0] ?? '';
  useEffect(() => {
    document.title = `${linked.test(hash) ? hash.slice(2).replace('/pull/', '#') : 'Pull requests'} · Oomkeeper sandbox`;
  }, [hash]);

  return (
    <>
      <SandboxBar
        unlike="GitHub"
        other={{ href: '/', name: 'To the messages' }}
        people={people.map((login) => ({ id: login, name: login }))}
        me={me}
        connection={connection}
        themeChoice={choice}
        onSwitch={(login) => {
          setMe(login);
          writeStored('github-me', login);
        }}
        onTheme={choose}
      />
      <main className="forge">
        {forge === null ? (
          <output className="starting">
            {problem === null
              ? 'Opening the repositories…'
              : `The sandbox could not be read: ${problem}. Trying again…`}
          </output>
        ) : (
          <Content forge={forge} hash={hash} me={me} say={say} />
        )}
      </main>
      {toasts}
    </>
  );
};

interface ContentProps {
  readonly forge: Forge;
  readonly hash: string;
  readonly me: string;
  readonly say: (text: string) => void;
}

const Content = ({ forge, hash, me, say }: ContentProps): ReactNode => {
  const [, repo, number] = linked.exec(hash) ?? [];
  if (repo === undefined) {
    return (
      <>
        <h1>Pull requests</h1>
        <PullList repositories={forge.repositories} />
      </>
    );
  }
  const pulls = forge.repositories.find(({ name }) => name === repo)?.pulls ?? [];
  const pull = pulls.find((one) => String(one.number) === number);
  if (pull !== undefined) return <PullView repo={repo} pull={pull} me={me} say={say} />;
  return (
    <p className="empty">
      There is no pull request {repo}#{number} in this sandbox. <a href="#/">All repositories</a>
    </p>
  );
};
