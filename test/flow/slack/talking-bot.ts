import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../../src/adapters/slack/bolt-app.ts';
import type { Cluster } from '../../../src/adapters/slack/listeners/deps.ts';
import { slackPath } from '../../../src/adapters/slack/signed-http.ts';
import { startHooksServer } from '../../../src/app/hooks/hooks-server.ts';
import { Failure } from '../../../src/core/failure.ts';
import type { Incident } from '../../../src/core/incident/incident.ts';
import type { ValueBounds } from '../../../src/core/recommend/judge-value.ts';
import { noAnswer } from '../../../src/core/talk/question.ts';
import { stormOf } from '../../../src/flow/show/fold.ts';
import { noHomes } from '../../fixtures/homes.ts';
import { aRemediation, anExplanation, Mi } from '../../fixtures/incidents.ts';
import { type BotWorld, silentLog } from '../show/bot-world.ts';
import { asUtc } from '../../as-utc.ts';
import { eventually, until } from '../../eventually.ts';

export interface TalkingBot {
  readonly app: SlackApp;
  /** Incidents that the worker was hinted to look at. */
  readonly advanced: string[];
  readonly fatal: Failure[];
  /** Where it hears signed requests; null in Socket Mode. */
  readonly url: string | null;
}

export interface TalkingOptions extends Partial<Pick<SlackAppOptions, 'log' | 'timeoutMs' | 'homes'>> {
  readonly store?: Cluster['store'];
  readonly ask?: Cluster['ask'];
  readonly clusters?: SlackAppOptions['clusters'];
  /** Signed HTTP instead of Socket Mode; the pretend Slack then sends there. */
  readonly http?: boolean;
}

/** The real Bolt app with its listeners beside a pretend Slack; it has the world's store, and nobody answers questions. */
export async function startTalking(world: BotWorld, options: TalkingOptions = {}): Promise<TalkingBot> {
  const advanced: string[] = [];
  const fatal: Failure[] = [];
  const { slack, cluster: name } = world;
  const cluster: Cluster = {
    name,
    store: options.store ?? world.store,
    hints: {
      advance: async (id) => {
        advanced.push(id);
      },
    },
    openThread: async () => ({ is: 'no-incident' }),
    ask: options.ask ?? (async () => noAnswer(name, 'nobody', null)),
    namespaces: async () => null,
    condition: async () => Promise.reject(new Failure('redis-unreachable', 'Redis is down.')),
    place: async (incident) => (await world.postings.read(incident))?.root ?? null,
    storm: (incident) => stormOf(incident, world),
  };
  const { http = false, timeoutMs } = options;
  const app = await createSlackApp({
    botToken: slack.botToken,
    delivery: http ? { signingSecret: slack.signingSecret } : { appToken: slack.appToken },
    slackApiUrl: slack.apiUrl,
    log: options.log ?? silentLog,
    clusters: options.clusters ?? (async () => [cluster]),
    reading: () => world.channels,
    homes: options.homes ?? noHomes,
    stormMembers: world.storms.members,
    now: Date.now,
    onFatal: (failure) => fatal.push(failure),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  onTestFinished(app.stop);
  await app.start();
  if (app.door === null) {
    await eventually(() => expect(app.health()?.connected).toBe(2));
    return { app, advanced, fatal, url: null };
  }
  const server = await startHooksServer('127.0.0.1', 0, [{ path: slackPath, ...app.door }]);
  onTestFinished(server.close);
  const url = `http://127.0.0.1:${server.port}${slackPath}`;
  slack.control.setDelivery({ mode: 'http', url });
  return { app, advanced, fatal, url };
}

/** What values are judged by: 512Mi now, of which 505Mi were used, 640Mi recommended, 8Gi of node, 1Gi of quota left. */
export const bounds: ValueBounds = {
  fromLimitBytes: 512 * Mi,
  lastSampleBytes: 412 * Mi,
  peakBytes: 505 * Mi,
  recommendedBytes: 640 * Mi,
  demand: null,
  nodeAllocatableBytes: 8192 * Mi,
  nodeFreeBytes: 2048 * Mi,
  quota: { name: 'memory', leftBytes: 1024 * Mi },
  limitRange: null,
  slopeBytesPerSecond: null,
};

/** An incident that is shown with a plan which can be applied; where its root stands. */
export async function proposed(
  world: BotWorld,
  changes: Partial<Incident> = {},
): Promise<{ readonly id: string; readonly ts: string }> {
  const id = await world.kill();
  await world.update(id, { explained: anExplanation(), remediations: [aRemediation('proposed')], ...changes });
  await world.showAll(await world.bot(), id);
  const root = world.roots().find(({ text }) => text.includes(id));
  return { id, ts: root?.ts ?? '' };
}

/** What people were told alone, oldest first. */
export function whispers(world: BotWorld): string[] {
  return world.slack.store.ephemerals().map(({ text }) => asUtc(text));
}

/** Types a command as Sam; what he alone is told. */
export async function command(world: BotWorld, text: string): Promise<string> {
  const before = whispers(world).length;
  const result = await world.slack.control.command({ user: 'sam', channel: world.channel, text });
  expect(result.ok).toBe(true);
  return until(`${text} is answered`, () => {
    const told = whispers(world).slice(before).at(-1);
    return told === undefined || told.startsWith('Collecting…') ? null : told;
  });
}

/** A person's Slack id by name. */
export function personNamed(world: BotWorld, name: string): string {
  return world.slack.workspace.people.find((person) => person.name === name)?.id ?? '';
}

const optionSchema = z.object({ text: z.object({ text: z.string() }), value: z.string() });
const menuSchema = z.object({ accessory: z.object({ options: z.array(optionSchema) }) });

/** What the menu beside a root's headline offers. */
export function menuOf(world: BotWorld, ts: string): readonly { readonly text: string; readonly value: string }[] {
  const [headline] = world.slack.store.find(world.channel, ts)?.blocks ?? [];
  return menuSchema.parse(headline).accessory.options.map(({ text, value }) => ({ text: text.text, value }));
}

/** Chooses from the menu beside a root's headline by what the option says. */
export async function choose(world: BotWorld, ts: string, text: string, user = 'sam'): Promise<void> {
  const option = menuOf(world, ts).find((one) => one.text === text);
  if (option === undefined) throw new Error(`no "${text}" in the menu`);
  const click = { user, channel: world.channel, ts, actionId: 'menu', value: option.value };
  const result = await world.slack.control.click(click);
  expect(result.ok).toBe(true);
}

const viewSchema = z.looseObject({
  id: z.string(),
  title: z.looseObject({ text: z.string() }),
  errors: z.record(z.string(), z.string()),
  trouble: z.string().optional(),
  blocks: z.array(z.looseObject({ type: z.string() })),
});
const modalsSchema = z.array(z.object({ user: z.string(), view: viewSchema }));

/** A dialog as a person sees it. */
export interface Dialog {
  readonly id: string;
  readonly errors: Readonly<Record<string, string>>;
  readonly trouble: string | undefined;
  /** All its blocks, as JSON. */
  readonly words: string;
}

/** The dialog in front of a person; null where there is none. */
export function dialogOf(world: BotWorld, user = 'sam'): Dialog | null {
  const modals = modalsSchema.parse(world.slack.control.state()['modals']);
  const view = modals.find((one) => one.user === personNamed(world, user))?.view;
  if (view === undefined) return null;
  return { id: view.id, errors: view.errors, trouble: view.trouble, words: JSON.stringify(view.blocks) };
}
