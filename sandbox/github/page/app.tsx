import { useEffect, useState, type ReactNode } from 'react';
import { SandboxBar } from '../../slack/page/sandbox-bar.tsx';
import { readStored, writeStored } from '../../slack/page/stored.ts';
import { useToasts } from '../../slack/page/toasts.tsx';
import { useLive } from '../../slack/page/use-live.ts';
import { useTheme } from '../../slack/page/use-theme.ts';
import { fetchForge } from './control.ts';
import type { Forge } from './forge.ts';
import { hashOf, type Place, placeOf } from './place.ts';
import { PullList } from './pull-list.tsx';
import { PullView } from './pull-view.tsx';

const usePlace = (): Place => {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const onChange = (): void => {
      setHash(window.location.hash);
      window.scrollTo(0, 0);
    };
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return placeOf(hash);
};

export const App = (): ReactNode => {
  const { connection, problem, state: forge } = useLive('/github/events', fetchForge);
  const { choice, choose } = useTheme();
  const { say, view: toasts } = useToasts();
  const [meChosen, setMe] = useState(readStored('github-me'));
  const place = usePlace();
  const people = forge?.people ?? [];
  const me = people.find((login) => login === meChosen) ?? people[0] ?? '';
  const title = titleOf(forge, place);
  useEffect(() => {
    document.title = `${title} · Oomkeeper sandbox`;
  }, [title]);

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
          <Content forge={forge} place={place} me={me} say={say} />
        )}
      </main>
      {toasts}
    </>
  );
};

interface ContentProps {
  readonly forge: Forge;
  readonly place: Place;
  readonly me: string;
  readonly say: (text: string) => void;
}

const Content = ({ forge, me, place, say }: ContentProps): ReactNode => {
  if (place.kind === 'all') {
    return (
      <>
        <h1>Pull requests</h1>
        <PullList repositories={forge.repositories} />
      </>
    );
  }
  const repository = forge.repositories.find(({ name }) => name.toLowerCase() === place.repo.toLowerCase());
  if (repository === undefined) return <Missing what={`repository ${place.repo}`} />;
  if (place.kind === 'repository') {
    return (
      <>
        <nav aria-label="Where you are" className="crumbs">
          <a href={hashOf({ kind: 'all' })}>All repositories</a>
        </nav>
        <h1>{repository.name}</h1>
        <PullList repositories={[repository]} />
      </>
    );
  }
  const pull = repository.pulls.find(({ number }) => number === place.number);
  if (pull === undefined) return <Missing what={`pull request ${place.repo}#${place.number}`} />;
  return <PullView repository={repository} pull={pull} me={me} say={say} />;
};

const Missing = ({ what }: { readonly what: string }): ReactNode => (
  <p className="empty">
    There is no {what} in this sandbox. <a href={hashOf({ kind: 'all' })}>All repositories</a>
  </p>
);

const titleOf = (forge: Forge | null, place: Place): string => {
  if (place.kind === 'all') return 'Pull requests';
  if (place.kind === 'repository') return place.repo;
  const pulls = forge?.repositories.find(({ name }) => name.toLowerCase() === place.repo.toLowerCase())?.pulls ?? [];
  const title = pulls.find(({ number }) => number === place.number)?.title;
  return `${title === undefined ? '' : `${title} · `}${place.repo}#${place.number}`;
};
