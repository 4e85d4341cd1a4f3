import type { ReactNode } from 'react';
import type { ThemeChoice } from '../../slack/page/use-theme.ts';
import type { Connection } from './use-forge.ts';

const connectionText: Readonly<Record<Connection, string>> = {
  connecting: 'connecting…',
  live: 'live',
  reconnecting: 'reconnecting…',
};
const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };

interface Props {
  readonly people: readonly string[];
  readonly me: string;
  readonly connection: Connection;
  readonly themeChoice: ThemeChoice;
  readonly onSwitch: (login: string) => void;
  readonly onTheme: (choice: ThemeChoice) => void;
}

/** Says that this isn't GitHub, leads back to the messages, and lets one choose who merges. */
export const ForgeBar = ({ connection, me, onSwitch, onTheme, people, themeChoice }: Props): ReactNode => (
  <header className="sandbox-bar">
    <span className="sandbox-word">Oomkeeper sandbox, not GitHub</span>
    <a className="bar-link" href="/">
      To the messages
    </a>
    <fieldset className="who">
      <legend>You are</legend>
      {people.map((login) => (
        <label key={login}>
          <input type="radio" name="me" value={login} checked={login === me} onChange={() => onSwitch(login)} />
          <span>{login}</span>
        </label>
      ))}
    </fieldset>
    <output className={`connection connection-${connection}`}>{connectionText[connection]}</output>
    <button type="button" className="theme-button" onClick={() => onTheme(nextTheme[themeChoice])}>
      Theme: {themeChoice}
    </button>
  </header>
);
