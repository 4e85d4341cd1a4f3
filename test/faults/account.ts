import { z } from 'zod';
import type { LogEntry } from '../../sandbox/slack/request-log.ts';
import type { Victim } from './row.ts';

/** Two roots of one subject, or two messages with one line, may stand beside each other for so long. */
const longestDoubleMs = 30_000;

const metadataSchema = z.looseObject({
  event_type: z.string(),
  event_payload: z.looseObject({
    subject: z.string().default(''),
    kills: z.number().default(0),
    entry: z.string().optional(),
  }),
});
const bodySchema = z.looseObject({
  metadata: z.string().optional(),
  thread_ts: z.string().optional(),
  blocks: z.string().default(''),
});

/** A message of ours: a root, a line of a thread, a storm or a page of one. */
interface Told {
  /** `CHANNEL/TS` */
  readonly key: string;
  readonly type: string;
  /** Key of its root; null of a root. */
  readonly thread: string | null;
  /** Of a root the workload, of a line its id in its thread. */
  readonly about: string;
  /** What it said over time. */
  readonly said: { readonly at: number; readonly kills: number; readonly blocks: string }[];
  /** ms UTC */
  readonly postedAt: number;
  deletedAt: number | null;
}

/** What a pretend Slack was told of, read off its request log. */
export interface Account {
  /** Entries that were not read before, in order. */
  readonly read: (entries: readonly LogEntry[]) => void;
  /** When a message was last written, ms UTC; 0 = never. */
  readonly lastWriteAt: () => number;
  /** Compares with how many kills each victim really had. */
  readonly compare: (truth: ReadonlyMap<string, number>) => Comparison;
  /** When a victim's root first spoke of so many kills, ms UTC; null = never. */
  readonly toldAt: (workload: string, kills: number) => number | null;
}

export interface Comparison {
  /** Workloads of which a kill was not told. */
  readonly lost: readonly string[];
  /** What was told more often than it happened, one sentence each. */
  readonly duplicates: readonly string[];
}

export function workloadKey({ namespace, name }: Victim): string {
  return `${namespace}/${name}`;
}

export function createAccount(): Account {
  /** Every message that matters here, by channel and ts. */
  const messages = new Map<string, Told>();
  let lastWriteAt = 0;

  const read = (entry: LogEntry): void => {
    if (!entry.ok || entry.kind !== 'api' || !(entry.method ?? '').startsWith('chat.')) return;
    lastWriteAt = entry.at;
    const key = `${entry.channel}/${entry.ts}`;
    const known = messages.get(key);
    if (entry.method === 'chat.delete' && known !== undefined) known.deletedAt = entry.at;
    const body = bodySchema.parse(entry.body);
    const metadata = metadataSchema.safeParse(body.metadata === undefined ? undefined : JSON.parse(body.metadata));
    if (!metadata.success) return;
    const { event_type: type, event_payload: payload } = metadata.data;
    const said = { at: entry.at, kills: payload.kills, blocks: body.blocks };
    if (entry.method === 'chat.update') known?.said.push(said);
    if (entry.method !== 'chat.postMessage') return;
    const thread = body.thread_ts === undefined ? null : `${entry.channel}/${body.thread_ts}`;
    const [, namespace = '', , name = ''] = payload.subject.split('/');
    const about = thread === null ? workloadKey({ namespace, name }) : `${thread} ${payload.entry ?? ''}`;
    messages.set(key, { key, type, thread, about, said: [said], postedAt: entry.at, deletedAt: null });
  };

  const ofType = (type: string, isReply: boolean): readonly Told[] =>
    [...messages.values()].filter((one) => one.type === type && (one.thread !== null) === isReply);
  const rootsOf = (workload: string): readonly Told[] =>
    ofType('oomkeeper_incident', false).filter(({ about }) => about === workload);

  return {
    read: (more) => {
      for (const entry of more) read(entry);
    },
    lastWriteAt: () => lastWriteAt,
    compare: (truth) => {
      const roots = Map.groupBy(ofType('oomkeeper_incident', false), ({ about }) => about);
      const listed = namesIn(ofType('oomkeeper_storm_page', true).filter(isThere));
      const told = [...truth].map(([workload, kills]) => {
        const all = roots.get(workload) ?? [];
        const lines = listed.get(workload.split('/')[1] ?? '') ?? 0;
        return { workload, kills, all, lines, ...countedBy(standing(all)) };
      });
      const folded = told.filter(({ all, lines }) => all.length === 0 && lines > 0);
      const foldedKills = sum(folded.map(({ kills }) => kills));
      const inStorms = sum(
        ofType('oomkeeper_storm', false)
          .filter(isThere)
          .map(({ said }) => said.at(-1)?.kills ?? 0),
      );
      const own = told.filter((one) => !folded.includes(one));
      const ours = ofType('oomkeeper_entry', true).filter(({ thread }) =>
        truth.has(messages.get(thread ?? '')?.about ?? ''),
      );
      const lines = Map.groupBy(ours, ({ about }) => about);
      return {
        lost: [
          ...own.filter(({ shown, kills }) => shown < kills).map(({ workload }) => workload),
          ...(inStorms < foldedKills ? [`${foldedKills - inStorms} kills of ${folded.length} in storms`] : []),
        ],
        duplicates: [
          ...own.flatMap(({ workload, all }) => tooMany(all).map(({ key }) => `${workload} has one more root: ${key}`)),
          ...own
            .filter(({ most, kills }) => most > kills)
            .map(({ workload, most, kills }) => `${workload} was killed ${kills} times and has ${most} kills`),
          ...told
            .filter(({ all, lines: times }) => times + Math.min(1, all.length) > 1)
            .map(
              ({ workload, all, lines: times }) => `${workload} has ${all.length} roots and ${times} lines in storms`,
            ),
          ...(inStorms > foldedKills ? [`the storms have ${inStorms} kills, and it were ${foldedKills}`] : []),
          ...[...lines.values()].flatMap((all) =>
            tooMany(all).map(({ about, key }) => `said again: ${about} in ${key}`),
          ),
        ],
      };
    },
    toldAt: (workload, kills) => {
      const found = rootsOf(workload).flatMap(({ said }) => said.find((each) => each.kills >= kills)?.at ?? []);
      return found.length === 0 ? null : Math.min(...found);
    },
  };
}

/** The oldest that stands. */
function standing(all: readonly Told[]): Told | undefined {
  return all.find(isThere);
}

/**
 * How many kills a root has told of in all, and at most at a time. Where Redis was lost it says so and counts anew, so
 * that its count falls: what it said before stays told.
 */
function countedBy(root: Told | undefined): { readonly shown: number; readonly most: number } {
  const counts = root?.said.map(({ kills }) => kills) ?? [];
  const peaks = counts.filter((kills, at) => (counts[at + 1] ?? -1) < kills);
  return { shown: sum(peaks), most: Math.max(0, ...peaks) };
}

/** Of messages of which there should be one, the others. */
function tooMany(all: readonly Told[]): readonly Told[] {
  return all.filter(
    (one) => one !== standing(all) && (one.deletedAt === null || one.deletedAt - one.postedAt > longestDoubleMs),
  );
}

function isThere({ deletedAt }: Told): boolean {
  return deletedAt === null;
}

/** How many lines of the pages are about a workload, by its name. */
function namesIn(pages: readonly Told[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { said } of pages) {
    for (const [, name = ''] of (said.at(-1)?.blocks ?? '').matchAll(/"text":"([^"(]+) \(/g))
      found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0);
}
