import { z } from 'zod';
import { bounded } from '../../../core/units/text-bounds.ts';

/*
 * What Slack sends when somebody does something, read before Bolt sees it: Bolt 5.1 trusts its shape, and `null`, a
 * number for a user or `actions: null` would end the process. Only what is named here goes on to the listeners, as
 * well-formed text. Names are Slack's (docs.slack.dev/reference/interaction-payloads).
 */
const text = z.string().transform((given) => bounded(given, 'slackText'));
const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/, 'is no id of a person');
const id = z.string().regex(/^[A-Z0-9]{1,30}$/, 'is no id');
const timestamp = z.string().regex(/^\d{1,12}(\.\d{1,9})?$/, 'is no time stamp');
const url = z.url({ protocol: /^https?$/ });
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish();

const commandSchema = z.object({
  command: z.string().regex(/^\/\S{1,100}$/),
  text: text.default(''),
  user_id: userId,
  channel_id: id,
  team_id: id,
  enterprise_id: maybe(id),
  is_enterprise_install: maybe(z.enum(['true', 'false'])),
  trigger_id: text,
  response_url: url,
});

const someone = {
  user: z.object({ id: userId, team_id: maybe(id), name: text.optional() }),
  team: maybe(z.object({ id, enterprise_id: maybe(id) })),
  enterprise: maybe(z.object({ id })),
  is_enterprise_install: maybe(z.boolean()),
  trigger_id: text,
};

const actionSchema = z
  .object({
    type: text,
    action_id: text,
    action_ts: timestamp,
    value: maybe(text),
    selected_option: maybe(z.object({ value: text })),
  })
  .refine(
    ({ type, selected_option: option }) => (type !== 'overflow' && type !== 'static_select') || option,
    'chooses nothing from its menu',
  );

const viewShape = {
  type: z.enum(['modal', 'home']).optional(),
  id,
  hash: text.optional(),
  private_metadata: text.default(''),
  callback_id: text.default(''),
};

const clickSchema = z.object({
  type: z.literal('block_actions'),
  ...someone,
  actions: z.array(actionSchema).min(1),
  channel: maybe(z.object({ id, name: text.optional() })).transform((given) => given ?? undefined),
  container: z
    .object({
      type: text,
      channel_id: id.optional(),
      message_ts: timestamp.optional(),
      thread_ts: maybe(timestamp),
      view_id: id.optional(),
    })
    .optional(),
  message: z.object({ ts: timestamp, thread_ts: maybe(timestamp) }).optional(),
  view: z.object(viewShape).optional(),
  response_url: url.optional(),
});

const dialogSchema = z.object({
  type: z.literal('view_submission'),
  ...someone,
  view: z.object({
    ...viewShape,
    type: z.literal('modal'),
    state: z.object({
      values: z.record(z.string(), z.record(z.string(), z.object({ type: text, value: maybe(text) }))),
    }),
  }),
});

const homeSchema = z.object({
  type: z.literal('event_callback'),
  team_id: id,
  enterprise_id: maybe(id),
  event_id: text,
  authorizations: z.array(z.object({ is_enterprise_install: maybe(z.boolean()) })).default([]),
  event: z.object({ type: z.literal('app_home_opened'), user: userId, tab: text.default('home') }),
});

/** Who did it and where, as Slack says. */
export interface Sender {
  readonly user: string;
  /** The workspace that the person belongs to; null where Slack does not say. */
  readonly userTeam: string | null;
  /** The workspace that it was done in; null for an app that is installed for a whole organisation. */
  readonly team: string | null;
  readonly enterprise: string | null;
  readonly isOrgInstall: boolean;
  readonly channel: string | null;
  /** Root of the thread that it was done in; null outside of threads, and where nobody has replied to the root. */
  readonly thread: string | null;
  readonly responseUrl: string | null;
  /** Lets a dialog be shown within 3 s. */
  readonly triggerId: string | null;
}

type Command = z.infer<typeof commandSchema>;
type Click = z.infer<typeof clickSchema>;
type Dialog = z.infer<typeof dialogSchema>;
type HomeOpened = z.infer<typeof homeSchema>;

export type Delivery =
  | { readonly is: 'command'; readonly body: Command; readonly sender: Sender }
  | { readonly is: 'click'; readonly body: Click; readonly sender: Sender }
  | { readonly is: 'dialog'; readonly body: Dialog; readonly sender: Sender }
  /** Somebody opened the Home tab. */
  | { readonly is: 'home'; readonly body: HomeOpened; readonly sender: Sender }
  /** Any other event, a closed dialog and the like: the manifest asks for none, and no listener is for any. */
  | { readonly is: 'unused'; readonly type: string }
  | { readonly is: 'unreadable'; readonly problem: string };

const typeSchema = z.looseObject({
  type: text.optional(),
  command: z.unknown().optional(),
  event: z.looseObject({ type: text.optional() }).optional().catch(undefined),
});
const listenedTo: readonly string[] = ['block_actions', 'view_submission'];

/** Never throws. */
export function readDelivery(body: unknown): Delivery {
  return read(typeSchema, body, ({ type, command, event }) => {
    if (type === 'event_callback' && event?.type === 'app_home_opened')
      return read(homeSchema, body, (data) => ({ is: 'home', body: data, sender: visitor(data) }));
    if (type !== undefined && !listenedTo.includes(type)) return { is: 'unused', type: type.slice(0, 60) };
    if (type === 'block_actions')
      return read(clickSchema, body, (data) => ({ is: 'click', body: data, sender: senderOf(data) }));
    if (type === 'view_submission')
      return read(dialogSchema, body, (data) => ({ is: 'dialog', body: data, sender: senderOf(data) }));
    if (command === undefined) return { is: 'unreadable', problem: 'neither a command nor of a known type' };
    return read(commandSchema, body, (data) => ({ is: 'command', body: data, sender: commander(data) }));
  });
}

function read<T>(schema: z.ZodType<T>, body: unknown, as: (data: T) => Delivery): Delivery {
  let parsed: z.ZodSafeParseResult<T>;
  try {
    parsed = schema.safeParse(body);
  } catch {
    // zod 4.6 compares the length of whatever has one, and JSON can make an object that has no value to compare.
    return { is: 'unreadable', problem: 'a length that is no number' };
  }
  return parsed.success ? as(parsed.data) : unreadable(parsed.error);
}

function commander(body: Command): Sender {
  return {
    user: body.user_id,
    userTeam: null,
    team: body.team_id,
    enterprise: body.enterprise_id ?? null,
    isOrgInstall: body.is_enterprise_install === 'true',
    channel: body.channel_id,
    thread: null,
    responseUrl: body.response_url,
    triggerId: body.trigger_id,
  };
}

function visitor(body: HomeOpened): Sender {
  return {
    user: body.event.user,
    userTeam: null,
    team: body.team_id,
    enterprise: body.enterprise_id ?? null,
    isOrgInstall: body.authorizations.some(({ is_enterprise_install: isOrg }) => isOrg === true),
    channel: null,
    thread: null,
    responseUrl: null,
    triggerId: null,
  };
}

function senderOf(body: Click | Dialog): Sender {
  const { user, team, enterprise } = body;
  return {
    user: user.id,
    userTeam: user.team_id ?? null,
    team: team?.id ?? null,
    enterprise: enterprise?.id ?? team?.enterprise_id ?? null,
    isOrgInstall: body.is_enterprise_install === true,
    channel: 'actions' in body ? (body.channel?.id ?? body.container?.channel_id ?? null) : null,
    thread: 'actions' in body ? (body.message?.thread_ts ?? body.container?.thread_ts ?? null) : null,
    responseUrl: 'actions' in body ? (body.response_url ?? null) : null,
    triggerId: body.trigger_id,
  };
}

/** Names the field, never what is in it. */
function unreadable({ issues }: z.ZodError): Delivery {
  const [issue] = issues;
  const where = issue?.path.map(String).join('.') ?? '';
  return {
    is: 'unreadable',
    problem: `${where === '' ? 'it' : where}: ${issue?.message ?? 'unreadable'}`.slice(0, 200),
  };
}
