import { useEffect, useState } from 'react';
import type { Theme } from './scope.ts';
import { readStored, writeStored } from './stored.ts';

export type ThemeChoice = 'system' | Theme;

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const isChoice = (text: string | null): text is ThemeChoice => text === 'system' || text === 'light' || text === 'dark';

interface ThemeState {
  readonly choice: ThemeChoice;
  readonly theme: Theme;
  readonly choose: (choice: ThemeChoice) => void;
}

/** The reader's choice, kept over reloads; by default what the system prefers, also when that changes. */
export const useTheme = (): ThemeState => {
  const stored = readStored('theme');
  const [choice, setChoice] = useState<ThemeChoice>(isChoice(stored) ? stored : 'system');
  const [system, setSystem] = useState<Theme>(dark.matches ? 'dark' : 'light');
  useEffect(() => {
    const onChange = (): void => setSystem(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', onChange);
    return () => dark.removeEventListener('change', onChange);
  }, []);

  const theme = choice === 'system' ? system : choice;
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return {
    choice,
    theme,
    choose: (next) => {
      setChoice(next);
      writeStored('theme', next);
    },
  };
};
