import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { suggest, type Suggestion } from './commands.ts';
import type { SlashCommand } from './workspace.ts';

interface ListProps {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  readonly chosen: number;
  readonly onPick: (suggestion: Suggestion) => void;
}

const optionId = (list: string, place: number): string => `${list}-${place}`;

const SuggestionList = ({ id, suggestions, chosen, onPick }: ListProps): ReactNode => (
  <div
    id={id}
    className="suggestions"
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a datalist shows no meanings and can't be taken by Tab
    role="listbox"
    aria-label="Slash commands"
  >
    {suggestions.map((suggestion, place) => (
      <div
        key={suggestion.text}
        id={optionId(id, place)}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- an <option> lives in select and datalist only
        role="option"
        tabIndex={-1}
        aria-selected={place === chosen}
        // Before the box loses the focus, which would close the list under the pointer.
        onPointerDown={(event) => {
          event.preventDefault();
          onPick(suggestion);
        }}
      >
        <strong>{suggestion.text}</strong> <span className="quiet">{suggestion.meaning}</span>
      </div>
    ))}
  </div>
);

/** The keys of the box that do more than edit. */
type Key =
  | 'complete'
  | 'send'
  | 'dismiss'
  | 'suggestion-up'
  | 'suggestion-down'
  | 'history-up'
  | 'history-down'
  | 'edit';
const keyMeaning = (key: string, open: boolean, chosen: number, recalling: boolean, empty: boolean): Key => {
  if (key === 'Tab' && open) return 'complete';
  if (key === 'Enter') return open && chosen >= 0 ? 'complete' : 'send';
  if (key === 'Escape' && open) return 'dismiss';
  if (key === 'ArrowUp') return recalling || empty ? 'history-up' : open ? 'suggestion-up' : 'edit';
  if (key === 'ArrowDown') return recalling ? 'history-down' : open ? 'suggestion-down' : 'edit';
  return 'edit';
};

interface Props {
  readonly channelName: string;
  readonly commands: readonly SlashCommand[];
  readonly incidents: readonly string[];
  /** Resolves when the command was acknowledged or given up. */
  readonly onCommand: (text: string) => Promise<void>;
}

/** Where slash commands are typed: completion by arrows and Tab, earlier commands by the up arrow. */
export const Composer = ({ channelName, commands, incidents, onCommand }: Props): ReactNode => {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(-1);
  const [dismissed, setDismissed] = useState(false);
  const [history, setHistory] = useState<readonly string[]>([]);
  const [recalled, setRecalled] = useState<number | null>(null);
  const [running, setRunning] = useState(false);
  const list = useId();
  const suggestions = dismissed || recalled !== null ? [] : suggest(text, commands, incidents);
  const open = suggestions.length > 0;
  const notACommand = text !== '' && !text.startsWith('/');

  const put = (next: string): void => {
    setText(next);
    setChosen(-1);
    setDismissed(false);
    setRecalled(null);
  };
  const send = async (): Promise<void> => {
    const command = text.trim();
    if (running || !command.startsWith('/')) return;
    put('');
    setHistory([...history.filter((earlier) => earlier !== command), command]);
    setRunning(true);
    await onCommand(command);
    setRunning(false);
  };
  const recall = (step: 1 | -1): void => {
    const next = (recalled ?? history.length) + step;
    if (next >= history.length) return put('');
    const earlier = history[Math.max(next, 0)];
    if (earlier === undefined) return;
    setText(earlier);
    setRecalled(Math.max(next, 0));
  };
  const choose = (step: 1 | -1): void => setChosen((chosen + step + suggestions.length) % suggestions.length);

  const onKeyDown = (event: KeyboardEvent): void => {
    const meaning = keyMeaning(event.key, open, chosen, recalled !== null, text === '');
    if (meaning === 'edit') return;
    event.preventDefault();
    if (meaning === 'complete') put(suggestions[Math.max(chosen, 0)]?.text ?? text);
    else if (meaning === 'send') void send();
    else if (meaning === 'dismiss') setDismissed(true);
    else if (meaning === 'suggestion-up') choose(-1);
    else if (meaning === 'suggestion-down') choose(1);
    else recall(meaning === 'history-up' ? -1 : 1);
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {open && <SuggestionList id={list} suggestions={suggestions} chosen={chosen} onPick={(one) => put(one.text)} />}
      <input
        type="text"
        role="combobox"
        aria-label={`Slash command in ${channelName}`}
        aria-expanded={open}
        aria-controls={open ? list : undefined}
        aria-activedescendant={open && chosen >= 0 ? optionId(list, chosen) : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={`/oom help · slash commands in #${channelName}`}
        value={text}
        onChange={(event) => put(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => setDismissed(true)}
      />
      <button type="submit" aria-label="Send" aria-busy={running} disabled={running || !text.startsWith('/')}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2.5 3.2 18 10 2.5 16.8 4.6 10.9 11.5 10 4.6 9.1z" />
        </svg>
      </button>
      {notACommand && <p className="composer-hint">This sandbox sends slash commands only; start with /oom.</p>}
    </form>
  );
};
