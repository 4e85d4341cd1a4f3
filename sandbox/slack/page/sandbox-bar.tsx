import type { ReactNode } from 'react';
import type { Connection } from './follow-workspace.ts';
import type { ThemeChoice } from './use-theme.ts';
import { displayName, type User } from './workspace.ts';

const right = (person: User): string =>
  person.mayApprove === undefined ? '' : person.mayApprove ? 'may approve' : 'may not approve';

const connectionText: Readonly<Record<Connection, string>> = {
  connecting: 'connecting…',
  live: 'live',
  reconnecting: 'reconnecting…',
};
const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };

interface Props {
  readonly people: readonly User[];
  readonly me: string;
  readonly connection: Connection;
  readonly themeChoice: ThemeChoice;
  readonly onSwitch: (userId: string) => void;
  readonly onTheme: (choice: ThemeChoice) => void;
}

/** Says that this isn't Slack, and who one is in it. */
export const SandboxBar = ({ people, me, connection, themeChoice, onSwitch, onTheme }: Props): ReactNode => (
  <header className="sandbox-bar">
    <span className="sandbox-word">Oomkeeper sandbox, not Slack</span>
    <fieldset className="who">
      <legend>You are</legend>
      {people.map((person) => (
        <label key={person.id}>
          <input
            type="radio"
            name="me"
            value={person.id}
            checked={person.id === me}
            onChange={() => onSwitch(person.id)}
          />
          <span>
            {displayName(person)} <small>{right(person)}</small>
          </span>
        </label>
      ))}
    </fieldset>
    <output className={`connection connection-${connection}`}>{connectionText[connection]}</output>
    <button type="button" className="theme-button" onClick={() => onTheme(nextTheme[themeChoice])}>
      Theme: {themeChoice}
    </button>
  </header>
);
