import { createAlarms } from '../../src/adapters/redis/notify/alarms.ts';
import { createRefusals } from '../../src/adapters/redis/notify/refusals.ts';
import { clusterKeys } from '../../src/adapters/redis/keys.ts';
import { createDeadKills } from '../../src/adapters/redis/queues/kills.ts';
import type { RedisClient } from '../../src/adapters/redis/redis-client.ts';
import { createDigests } from '../../src/adapters/redis/slack/digests.ts';
import { createHomes } from '../../src/adapters/redis/slack/homes.ts';
import { createPausesTold } from '../../src/adapters/redis/slack/pauses-told.ts';
import { createPostings } from '../../src/adapters/redis/slack/postings.ts';
import { createStorms } from '../../src/adapters/redis/slack/storms.ts';
import { readSilence } from '../../src/adapters/redis/store/beside-incidents.ts';
import { createCheckpoints } from '../../src/adapters/redis/store/checkpoint.ts';
import { knownNamespaces } from '../../src/adapters/redis/store/namespaces.ts';
import { createSamples } from '../../src/adapters/redis/store/samples.ts';
import { createStore } from '../../src/adapters/redis/store/store.ts';
import type { Subject } from '../../src/core/kill/kill.ts';
import type { Skipped } from '../../src/flow/needs.ts';
import type { Dump } from './dump-file.ts';

type Line = Dump['lines'][number];

interface Asked {
  readonly redis: RedisClient;
  readonly cluster: string;
  /** What stands behind the first word of the key. */
  readonly rest: string;
  readonly line: Line;
  readonly skipped: Skipped;
}

/** Reads what lies below keys that begin with this word, as the program does; how many documents those were. */
type Reader = (asked: Asked) => Promise<number>;

const storeOf = ({ redis, cluster, skipped }: Asked) => createStore({ redis, cluster, onUnreadable: skipped });
const countOf = ({ line }: Asked): number =>
  line.type === 'string' ? 1 : line.type === 'hash' ? Object.keys(line.value).length : line.value.length;
const one = (found: unknown): number => (found === null ? 0 : 1);

const readers: Readonly<Record<string, Reader>> = {
  incident: async (asked) => one(await storeOf(asked).load(asked.rest)),
  timeline: async (asked) => (await storeOf(asked).entries(asked.rest, '0', 10_000)).length,
  audit: async (asked) => (await storeOf(asked).audit(0, 100_000)).length,
  results: async (asked) => (await storeOf(asked).results(0)).length,
  chart: async (asked) => one(await storeOf(asked).chart(asked.rest)),
  suspects: async (asked) => (await storeOf(asked).suspects()).length,
  ignored: async (asked) => (await storeOf(asked).ignored()).length,
  limits: async (asked) => one(await storeOf(asked).limitBefore(subjectIn(asked.rest), 0)),
  silence: async ({ redis, cluster, rest }) => one(await readSilence(redis, clusterKeys(cluster), subjectIn(rest))),
  silenced: async (asked) => (await storeOf(asked).silences()).length,
  pause: async (asked) => one(await storeOf(asked).pause()),
  'pause-change': async (asked) => one((await storeOf(asked).killSwitch()).last),
  'child-count': async (asked) => one((await storeOf(asked).childRuns.counted([asked.rest]))[0] ?? null),
  posting: async ({ redis, cluster, rest }) => one(await createPostings({ redis, cluster }).read(rest)),
  alarm: async ({ redis, cluster, rest }) => (await createAlarms({ redis, cluster }).read(rest)).revision && 1,
  'pause-told': async ({ redis, cluster, rest }) => (await createPausesTold(redis, cluster).read(rest)).revision && 1,
  checkpoint: async ({ redis, cluster, line }) => {
    const streams = line.type === 'hash' ? Object.keys(line.value) : [];
    const checkpoints = createCheckpoints({ redis, cluster });
    return (await Promise.all(streams.map(checkpoints.read))).filter((found) => found !== null).length;
  },
  'kills-dead': async ({ redis, cluster }) => (await createDeadKills({ redis, cluster }).list(10_000)).length,
  namespaces: async ({ redis, cluster }) => one(await knownNamespaces(redis, cluster)),
  sampling: async ({ redis, cluster }) => one(await createSamples({ redis, cluster }).sampling()),
  samples: async ({ redis, cluster, rest }) =>
    (await createSamples({ redis, cluster }).read([rest])).get(rest)?.length ?? 0,
  storm: async ({ redis, rest }) => one(await createStorms({ redis }).read(rest)),
  'storm-members': async ({ redis, rest, skipped }) =>
    (await createStorms({ redis, onUnreadable: skipped }).members(rest)).length,
  daily: async ({ redis, rest }) => {
    const [channel = '', slot] = rest.split(':');
    return (await createDigests(redis).read(channel, Number(slot))).revision && 1;
  },
  'home-clicks': async (asked) => (await createHomes({ redis: asked.redis }).clicks(asked.rest)).length,
  refusal: async ({ redis, rest }) => one(await createRefusals(redis).of(rest)),
};

/** How many documents lie below a key, where that is not how many values it has. */
const oneEach = new Set(['incident', 'posting', 'alarm', 'pause-change', 'pause-told', 'storm', 'limits', 'daily']);

/** Ids, names and times without a structure of their own, what is read with something else, and what BullMQ keeps. */
const plain =
  /^(?:ledger|open|last|due|asked|recent|requests|killed-pods|image|child-run|sampled|samples-old|kills-dead:count|suspects:order|ignored:order|clusters|team|epoch|storm-in|storm-order|storms-due|left|homes|home|kills|incidents|questions|slack)(?::|$)/;

/** What of a dump the program does not read, by key: empty where it reads all of it. */
export async function unreadIn(redis: RedisClient, { lines }: Dump): Promise<readonly string[]> {
  const unread: string[] = [];
  for (const line of lines) {
    const [, cluster = '', path = ''] = /^\{oomkeeper:([^}]+)\}:(.*)$/.exec(line.key) ?? [];
    if (plain.test(path)) continue;
    const [word = '', ...rest] = path.split(':');
    const skipped: Skipped = (name, { message }) => void unread.push(`${name}: ${message}`);
    const asked = { redis, cluster, rest: rest.join(':'), line, skipped };
    const found = await (readers[word]?.(asked) ?? -1);
    const expected = oneEach.has(word) ? 1 : countOf(asked);
    if (found !== expected) unread.push(`${line.key}: ${found} of ${expected}`);
  }
  return unread;
}

function subjectIn(key: string): Subject {
  const [cluster = '', namespace = '', kind = '', name = '', container = ''] = key.split('/');
  const orNull = (part: string): string | null => (part === '-' ? null : part);
  return { cluster, namespace: orNull(namespace), workload: { kind, name }, container: orNull(container) };
}
