import type { ReactNode } from 'react';
import type { Connection } from './use-live.ts';
import type { ThemeChoice } from './use-theme.ts';

const connectionText: Readonly<Record<Connection, string>> = {
  connecting: 'connecting…',
  live: 'live',
  reconnecting: 'reconnecting…',
};
const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = { system: 'light', light: 'dark', dark: 'system' };

interface Props {
  /** What one might take the page for. */
  readonly unlike: string;
  /** The sandbox's other page. */
  readonly other: { readonly href: string; readonly name: string };
  readonly people: readonly { readonly id: string; readonly name: string; readonly note?: string | undefined }[];
  readonly me: string;
  readonly connection: Connection;
  readonly themeChoice: ThemeChoice;
  readonly onSwitch: (id: string) => void;
  readonly onTheme: (choice: ThemeChoice) => void;
}

/** Says that this isn't the real thing, leads to the other page, and lets one choose who one is. */
export const SandboxBar = (props: Props): ReactNode => (
  <header className="sandbox-bar">
    <span className="sandbox-word">
      <span className="wide-only">Oomkeeper sandbox, not</span>
      <span className="narrow-only">Not</span> {props.unlike}
    </span>
    <a className="bar-link" href={props.other.href}>
      {props.other.name}
    </a>
    <fieldset className="who">
      <legend>You are</legend>
      {props.people.map(({ id, name, note }) => (
        <label key={id}>
          <input type="radio" name="me" value={id} checked={id === props.me} onChange={() => props.onSwitch(id)} />
          <span>
            {name} {note !== undefined && <small>{note}</small>}
          </span>
        </label>
      ))}
    </fieldset>
    <output className={`connection connection-${props.connection}`}>
      <span>{connectionText[props.connection]}</span>
    </output>
    <button
      type="button"
      className="theme-button"
      aria-label={`Theme: ${props.themeChoice}`}
      onClick={() => props.onTheme(nextTheme[props.themeChoice])}
    >
      <span className="wide-only">Theme: {props.themeChoice}</span>
      <span className="narrow-only" aria-hidden="true">
        ◐
      </span>
    </button>
  </header>
);
