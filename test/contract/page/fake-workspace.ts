import { startControl, type StaticFile } from '../../../sandbox/control.ts';
import type { Route } from '../../../sandbox/http-router.ts';

export interface FakeMessage {
  readonly ts: string;
  readonly user: string;
  text: string;
  blocks: readonly object[];
  readonly thread_ts?: string;
  readonly files?: readonly string[];
  reply_count: number;
  replies: FakeMessage[];
}
export interface FakeEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly from: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly text: string;
  readonly blocks: readonly object[];
}
export interface FakeView {
  readonly id: string;
  title: object;
  submit?: object | null;
  close?: object | null;
  blocks: readonly object[];
  state: { values: Record<string, Record<string, object>> };
  errors: Record<string, string>;
  trouble?: string;
}
export interface FakeWorkspace {
  readonly url: string;
  /** Bodies of what the page posted, in order. */
  readonly clicks: readonly unknown[];
  readonly commands: readonly unknown[];
  readonly acts: readonly unknown[];
  readonly submissions: readonly unknown[];
  readonly closings: readonly unknown[];
  readonly homeOpenings: readonly unknown[];
  readonly homeActs: readonly unknown[];
  readonly messages: FakeMessage[];
  readonly otherMessages: FakeMessage[];
  /** Whether the app is in the other channel. */
  otherHasApp: boolean;
  readonly ephemerals: FakeEphemeral[];
  readonly homes: { readonly user: string; view: { readonly id: string; blocks: readonly object[] } }[];
  readonly modals: { readonly user: string; view: FakeView }[];
  readonly files: Record<string, object>;
  /** What clicks and commands are answered with. */
  answer: object;
  /** Tells the page that something changed. */
  readonly changed: () => void;
  /** Ends the server and all its streams, as a stopped sandbox does. */
  readonly goAway: () => Promise<void>;
  /** Starts it again at the same address. */
  readonly comeBack: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export const amira = { id: 'U0AMIRA', name: 'amira', displayName: 'Amira', color: '#2b7a4b', note: 'may approve' };
export const sam = { id: 'U0SAM', name: 'sam', displayName: 'Sam', color: '#9f69e7', note: 'may not approve' };
export const bot = { id: 'U0BOT', name: 'Oomkeeper', displayName: 'Oomkeeper', isBot: true };

const commands = [
  {
    command: '/oom',
    subcommands: [
      { name: 'list', description: 'open incidents' },
      { name: 'why', description: 'the reason and the evidence', needs: 'INC-…' },
    ],
  },
];

const chart = Buffer.from(
  "<svg xmlns='http://www.w3.org/2000/svg' width='420' height='90'><rect width='420' height='90' fill='#fff'/><path d='M0 80 120 20v60L240 20v60L360 20v60l60-30' fill='none' stroke='#c01343' stroke-width='3'/></svg>",
);

/** A real server in the shape of the sandbox's control API, whose workspace the test writes by hand. */
export async function startFakeWorkspace(files: ReadonlyMap<string, StaticFile>): Promise<FakeWorkspace> {
  const clicks: unknown[] = [];
  const sent: unknown[] = [];
  const messages: FakeMessage[] = [];
  const otherMessages: FakeMessage[] = [];
  const ephemerals: FakeEphemeral[] = [];
  const acts: unknown[] = [];
  const submissions: unknown[] = [];
  const closings: unknown[] = [];
  const homeOpenings: unknown[] = [];
  const homeActs: unknown[] = [];
  const homes: FakeWorkspace['homes'] = [];
  const modals: FakeWorkspace['modals'] = [];
  const sharedFiles: Record<string, object> = {};
  const listeners = new Set<() => void>();
  let version = 0;
  const workspace = { answer: { ok: true } as object, otherHasApp: true };

  const state = (): object => ({
    version,
    team: { id: 'T0', name: 'Sandbox' },
    commands,
    users: [amira, sam, bot],
    groups: [{ id: 'S0ONCALL', handle: 'oncall' }],
    files: sharedFiles,
    modals,
    homes,
    channels: [
      { id: 'C0OOM', name: 'oom-alerts', isArchived: false, messages },
      { id: 'C0DEP', name: 'deployments', isArchived: false, hasApp: workspace.otherHasApp, messages: otherMessages },
    ],
    ephemerals,
  });
  const recorded = (path: string, into: unknown[]): Route => ({
    method: 'POST',
    path,
    handle: async ({ body }) => {
      into.push(body);
      return { json: workspace.answer };
    },
  });
  const routes: readonly Route[] = [
    { method: 'GET', path: '/slack/state', handle: async () => ({ json: state() }) },
    {
      method: 'GET',
      path: '/slack/events',
      handle: async () => ({
        events: (send) => {
          const tell = (): void => send('state', { version });
          listeners.add(tell);
          tell();
          return () => listeners.delete(tell);
        },
      }),
    },
    recorded('/slack/click', clicks),
    recorded('/slack/command', sent),
    recorded('/slack/view/act', acts),
    recorded('/slack/view/submit', submissions),
    recorded('/slack/view/close', closings),
    recorded('/slack/home/open', homeOpenings),
    recorded('/slack/home/act', homeActs),
    {
      method: 'GET',
      path: '/slack/file',
      handle: async () => ({ bytes: chart, headers: { 'content-type': 'image/svg+xml' } }),
    },
  ];
  let control = await startControl({ routes, files, port: 0 });
  const { url } = control;

  return Object.assign(workspace, {
    url,
    clicks,
    commands: sent,
    messages,
    otherMessages,
    ephemerals,
    acts,
    submissions,
    closings,
    homeOpenings,
    homeActs,
    homes,
    modals,
    files: sharedFiles,
    changed: () => {
      version += 1;
      for (const tell of listeners) tell();
    },
    goAway: () => control.close(),
    comeBack: async () => {
      control = await startControl({ routes, files, port: Number(new URL(url).port) });
    },
    close: () => control.close(),
  });
}
