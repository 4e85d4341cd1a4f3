/** What `GET /slack/state` answers, checked at the door: whatever a bot posted is shown, but never trusted. */
import * as z from 'zod/mini';

const ts = z.string().check(z.regex(/^\d+(?:\.\d+)?$/));
const anyBlock = z.looseObject({ type: z.string(), block_id: z.optional(z.string()) });
const blocks = z._default(z.array(anyBlock), []);
export const reply = z.looseObject({
  ts,
  user: z.optional(z.string()),
  text: z._default(z.string(), ''),
  blocks,
  /** Ids of shared files. */
  files: z._default(z.array(z.string()), []),
  thread_ts: z.optional(z.string()),
  deleted: z._default(z.boolean(), false),
});
const message = z.extend(reply, {
  reply_count: z._default(z.number(), 0),
  replies: z._default(z.array(reply), []),
});
const ephemeral = z.looseObject({
  channel: z.string(),
  /** Who sees it; `from` is who wrote it. */
  user: z.string(),
  from: z.optional(z.string()),
  ts,
  thread_ts: z.optional(z.nullable(z.string())),
  text: z._default(z.string(), ''),
  blocks,
});
export const user = z.looseObject({
  id: z.string(),
  name: z.string(),
  displayName: z.optional(z.string()),
  color: z.optional(z.string()),
  /** Where this person may approve. */
  note: z.optional(z.string()),
  isBot: z._default(z.boolean(), false),
});
const channel = z.looseObject({
  id: z.string(),
  name: z.string(),
  isArchived: z._default(z.boolean(), false),
  /** Whether the app was invited: elsewhere it opens no threads. */
  hasApp: z._default(z.boolean(), true),
  messages: z._default(z.array(message), []),
});
const command = z.looseObject({
  command: z.string(),
  subcommands: z.array(
    z.looseObject({
      name: z.string(),
      description: z._default(z.string(), ''),
      /** What has to follow: the id of an incident. */
      needs: z.optional(z.string()),
      /** What may follow. */
      examples: z._default(z.array(z.string()), []),
    }),
  ),
});
const file = z.looseObject({
  id: z.string(),
  name: z.string(),
  title: z._default(z.string(), ''),
  pretty_type: z._default(z.string(), ''),
  size: z._default(z.number(), 0),
  alt_txt: z.optional(z.string()),
  shown_as: z.enum(['image', 'text', 'download']),
  /** Where this page gets it. */
  url: z.string(),
  text: z.optional(z.string()),
  is_cut: z._default(z.boolean(), false),
});
const text = z.looseObject({ text: z.string() });
export const view = z.looseObject({
  id: z.string(),
  title: text,
  submit: z.optional(z.nullable(text)),
  close: z.optional(z.nullable(text)),
  blocks,
  /** What the inputs hold, by block and action. */
  state: z._default(
    z.looseObject({
      values: z._default(
        z.record(z.string(), z.record(z.string(), z.looseObject({ value: z.nullable(z.string()) }))),
        {},
      ),
    }),
    { values: {} },
  ),
  errors: z._default(z.record(z.string(), z.string()), {}),
  trouble: z.optional(z.string()),
});
export const workspaceSchema = z.looseObject({
  version: z.optional(z.union([z.number(), z.string()])),
  team: z.optional(z.looseObject({ name: z.string() })),
  commands: z.array(command),
  users: z.array(user),
  groups: z._default(z.array(z.looseObject({ id: z.string(), handle: z.string() })), []),
  files: z._default(z.record(z.string(), file), {}),
  modals: z._default(z.array(z.looseObject({ user: z.string(), view })), []),
  /** What the app shows each person in its Home tab. */
  homes: z._default(z.array(z.looseObject({ user: z.string(), view: z.looseObject({ id: z.string(), blocks }) })), []),
  channels: z.array(channel),
  ephemerals: z._default(z.array(ephemeral), []),
});

export type AnyBlock = z.output<typeof anyBlock>;
export type Reply = z.output<typeof reply>;
export type RootMessage = z.output<typeof message>;
export type Ephemeral = z.output<typeof ephemeral>;
export type User = z.output<typeof user>;
export type SharedFile = z.output<typeof file>;
export type View = z.output<typeof view>;
export type SlashCommand = z.output<typeof command>;
export type Channel = z.output<typeof channel>;
export type Workspace = z.output<typeof workspaceSchema>;

/** The newest message of a channel, replies included; time 0 where there is none. */
export const newest = ({ messages }: Channel): { readonly ts: string } =>
  messages
    .flatMap((root) => [root, ...root.replies])
    .reduce<{ readonly ts: string }>((latest, one) => (byTime(one, latest) > 0 ? one : latest), { ts: '0' });

export const displayName = (person: User): string => person.displayName ?? person.name;

/** The ephemeral messages that `me` sees in a channel: with a thread those in it, without one those outside threads. */
export const ephemeralsFor = (
  workspace: Workspace,
  me: string,
  channelId: string,
  threadTs: string | null,
): readonly Ephemeral[] =>
  workspace.ephemerals.filter(
    (one) => one.user === me && one.channel === channelId && (one.thread_ts ?? null) === threadTs,
  );

/** The modal in front of a person. */
export const modalOf = (workspace: Workspace, me: string): View | undefined =>
  workspace.modals.find((one) => one.user === me)?.view;

/** The blocks of the app's Home tab, as a person sees it; undefined where nothing was published for them. */
export const homeOf = (workspace: Workspace, me: string): readonly AnyBlock[] | undefined =>
  workspace.homes.find((one) => one.user === me)?.view.blocks;

/** Slack's ids sort by time when read as numbers of equal width; this keeps microseconds that a double would lose. */
export const byTime = (one: { readonly ts: string }, other: { readonly ts: string }): number => {
  const [seconds = '', fraction = ''] = one.ts.split('.');
  const [otherSeconds = '', otherFraction = ''] = other.ts.split('.');
  return Number(seconds) - Number(otherSeconds) || Number(fraction) - Number(otherFraction);
};

/** Where a reader starts: the bot's usual channel, unless only other channels have something to read. */
export const firstChannel = (channels: readonly Channel[]): Channel | undefined => {
  const usual = channels.find((one) => one.name === 'oom-alerts');
  const withMessages = channels.filter((one) => one.messages.length > 0 && !one.isArchived);
  if (usual !== undefined && (withMessages.length === 0 || withMessages.includes(usual))) return usual;
  return withMessages.toSorted((one, other) => byTime(newest(other), newest(one)))[0] ?? channels[0];
};

/** Every incident id that a channel's texts mention, the newest first. */
export const incidentIds = (messages: readonly RootMessage[]): readonly string[] => {
  const found = new Set<string>();
  for (const one of messages.toReversed()) {
    for (const [id] of JSON.stringify([one.text, one.blocks]).matchAll(/\bINC-[0-9A-HJKMNP-TV-Z]{4,8}\b/g))
      found.add(id);
  }
  return [...found];
};
