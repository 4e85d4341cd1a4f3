/** What every part of a message may need to know, handed down once. */
import { createContext, useContext } from 'react';
import type { SharedFile, User } from './workspace.ts';

export type Theme = 'light' | 'dark';

/** Which control of a message was used; `value` is the button's own or the chosen option's. */
export interface Act {
  readonly actionId: string;
  readonly value?: string | undefined;
}

export interface PageScope {
  readonly theme: Theme;
  /** When the workspace was read, ms UTC: what dates are seen from. */
  readonly now: number;
  readonly botName: string;
  readonly users: ReadonlyMap<string, User>;
  /** Handles of user groups by id. */
  readonly groups: ReadonlyMap<string, string>;
  /** Names of channels by id. */
  readonly channels: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, SharedFile>;
}
export const PageContext = createContext<PageScope>({
  theme: 'light',
  now: 0,
  botName: '',
  users: new Map(),
  groups: new Map(),
  channels: new Map(),
  files: new Map(),
});
export const usePage = (): PageScope => useContext(PageContext);

/** Sends an act of the block around it to the sandbox; resolves when it was answered, whatever the answer. */
export type Send = (blockId: string | undefined, act: Act) => Promise<void>;
export const SendContext = createContext<Send>(() => Promise.resolve());

export const BlockIdContext = createContext<string | undefined>(undefined);

/** For a control: `send(act)` with the message and block that it stands in. */
export const useSend = (): ((act: Act) => Promise<void>) => {
  const send = useContext(SendContext);
  const blockId = useContext(BlockIdContext);
  return (act) => send(blockId, act);
};
