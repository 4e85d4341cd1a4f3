import { z } from 'zod';
import type { LogEntry } from '../../sandbox/slack/request-log.ts';
import type { Victim } from './row.ts';

/** Two roots of one subject may stand beside each other for so long. */
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
});

interface ToldRoot {
  readonly channel: string;
  readonly ts: string;
  /** `NAMESPACE/NAME` */
  readonly workload: string;
  readonly postedAt: number;
  /** What it said over time. */
  readonly said: { readonly at: number; readonly kills: number }[];
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
  const roots = new Map<string, ToldRoot>();
  const entries = new Map<string, number>();
  let lastWriteAt = 0;

  const post = (entry: LogEntry, metadata: z.infer<typeof metadataSchema>, threadTs: string | undefined): void => {
    const { event_type: type, event_payload: payload } = metadata;
    const { channel = '', ts = '', at } = entry;
    if (threadTs !== undefined && payload.entry !== undefined) {
      const key = `${channel}/${threadTs} ${payload.entry}`;
      entries.set(key, (entries.get(key) ?? 0) + 1);
    }
    if (threadTs !== undefined || type !== 'oomkeeper_incident') return;
    const [, namespace = '', , name = ''] = payload.subject.split('/');
    const root = { channel, ts, workload: workloadKey({ namespace, name }), postedAt: at, deletedAt: null };
    roots.set(`${channel}/${ts}`, { ...root, said: [{ at, kills: payload.kills }] });
  };

  const read = (entry: LogEntry): void => {
    if (!entry.ok || entry.kind !== 'api' || !(entry.method ?? '').startsWith('chat.')) return;
    lastWriteAt = entry.at;
    const root = roots.get(`${entry.channel}/${entry.ts}`);
    if (entry.method === 'chat.delete' && root !== undefined) root.deletedAt = entry.at;
    const body = bodySchema.parse(entry.body);
    const metadata = metadataSchema.safeParse(body.metadata === undefined ? undefined : JSON.parse(body.metadata));
    if (!metadata.success) return;
    if (entry.method === 'chat.postMessage') post(entry, metadata.data, body.thread_ts);
    if (entry.method === 'chat.update') root?.said.push({ at: entry.at, kills: metadata.data.event_payload.kills });
  };

  const rootsOf = (workload: string): readonly ToldRoot[] =>
    [...roots.values()].filter((root) => root.workload === workload);
  /** The oldest that stands; the others are too many. */
  const standing = (all: readonly ToldRoot[]): ToldRoot | undefined => all.find(({ deletedAt }) => deletedAt === null);
  const tooMany = (all: readonly ToldRoot[]): readonly ToldRoot[] =>
    all.filter(
      (root) => root !== standing(all) && (root.deletedAt === null || root.deletedAt - root.postedAt > longestDoubleMs),
    );

  return {
    read: (more) => {
      for (const entry of more) read(entry);
    },
    lastWriteAt: () => lastWriteAt,
    compare: (truth) => {
      const byWorkload = Map.groupBy(roots.values(), ({ workload }) => workload);
      const told = [...truth].map(([workload, kills]) => {
        const all = byWorkload.get(workload) ?? [];
        return { workload, kills, all, shown: standing(all)?.said.at(-1)?.kills ?? 0 };
      });
      const doubleEntries = [...entries].filter(
        ([key, times]) => times > 1 && truth.has(roots.get(key.split(' ')[0] ?? '')?.workload ?? ''),
      );
      return {
        lost: told.filter(({ shown, kills }) => shown < kills).map(({ workload }) => workload),
        duplicates: [
          ...told.flatMap(({ workload, all }) =>
            tooMany(all).map(({ channel, ts }) => `${workload} has one more root: ${channel}/${ts}`),
          ),
          ...told
            .filter(({ shown, kills }) => shown > kills)
            .map(({ workload, shown, kills }) => `${workload} was killed ${kills} times and has ${shown} kills`),
          ...doubleEntries.map(([key, times]) => `a line stands ${times} times: ${key}`),
        ],
      };
    },
    toldAt: (workload, kills) => {
      const found = rootsOf(workload).flatMap(({ said }) => said.find((each) => each.kills >= kills)?.at ?? []);
      return found.length === 0 ? null : Math.min(...found);
    },
  };
}
