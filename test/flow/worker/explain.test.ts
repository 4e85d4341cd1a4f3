import { expect, test } from 'vitest';
import { clusterTag } from '../../../src/adapters/redis/keys.ts';
import { admitKill } from '../../../src/flow/admit.ts';
import { nothingUnderWay, sweep, sweptAll } from '../../../src/flow/sweep.ts';
import { Failure } from '../../../src/core/failure.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { hour, minute, sam, useWorlds } from './worker-world.ts';

const worlds = useWorlds();

test('a kill is explained once, and a change is proposed', async () => {
  const world = await worlds.open();
  const id = await world.killed();

  await world.look(id);
  await world.look(id);

  const { explained, remediations, version } = await world.incident(id);
  expect(explained?.diagnosis.hypotheses[0]?.cause).toBe('limit-too-low');
  expect(remediations.map(({ state }) => state)).toEqual(['proposed']);
  expect(version).toBe(2);
});

test('the bot is told of a kill before anybody explains it, and again afterwards', async () => {
  const world = await worlds.open();

  const id = await world.killed();
  const before = [...world.hinted];
  await world.look(id);

  expect(before).toEqual([`show ${id}`, `advance ${id}`]);
  expect(world.hinted.slice(2)).toEqual([`show ${id}`]);
});

test('the same kill twice changes nothing', async () => {
  const world = await worlds.open();
  const kill = await world.kill();
  await admitKill(kill, world.needs);
  const [{ incident }] = await world.store.open(1).then((open) => [open[0] ?? { incident: { id: '' } }] as const);
  await world.look(incident.id);
  const before = await world.load(incident.id);
  const hints = world.hinted.length;

  const admission = await admitKill(kill, world.needs);
  await world.look(incident.id);

  expect(admission).toEqual({ is: 'known' });
  expect(await world.load(incident.id)).toEqual(before);
  expect(world.hinted).toHaveLength(hints);
});

test('further kills renew the explanation at most once in the configured time', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);

  for (let kills = 0; kills < 3; kills += 1) {
    world.pass(5_000);
    await world.killed({ livedMs: 4_000 });
    await world.look(id);
  }
  const early = await world.load(id);
  world.pass(15_100);
  await world.look(id);

  const late = await world.load(id);
  expect(early.tally.count).toBe(4);
  expect(early.incident.explained?.kills).toBe(1);
  expect(late.incident.explained?.kills).toBe(4);
});

test('the thread hears of the same verdict and the same plan once', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  const before = await world.thread(id);

  world.pass(hour);
  await world.look(id);

  expect(before).toHaveLength(2);
  expect(await world.thread(id)).toEqual(before);
});

test('after twelve kills the thread does not still speak of one', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  for (let kills = 1; kills < 12; kills += 1) {
    world.pass(60_000);
    await world.killed({ livedMs: 50_000 });
    await world.look(id);
  }

  const told = (await world.entries(id)).filter(({ kind }) => kind === 'evidence');
  expect(told.length).toBeGreaterThan(1);
  expect(told.length).toBeLessThanOrEqual(5);
  expect(told.at(-1)?.text).toMatch(/^7 kills by now, 3 when this was last told\. The verdict is the same/m);
  expect(told.at(-1)?.text).not.toContain('one kill known');
});

test('while somebody is asked, the thread does not speak of a plan that is not proposed', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);
  const before = await world.thread(id);

  world.cluster.template = 500 * Mi;
  for (const pod of world.cluster.pods) pod.level = pod.status = pod.spec = 500 * Mi;
  world.pass(31_000);
  await world.killed();
  await world.look(id);

  expect((await world.incident(id)).explained?.kills).toBe(2);
  expect((await world.incident(id)).remediations).toHaveLength(1);
  expect(await world.thread(id)).toEqual(before);
});

test('evidence that cannot be read does not delay the announcement, and is tried again', async () => {
  const world = await worlds.open();
  world.cluster.broken.findings = new Error('a reader that breaks its promise');

  const id = await world.killed();
  const shownBefore = await world.postings.due(10);
  await sweep(world.needs);
  const unexplained = await world.incident(id);
  delete world.cluster.broken.findings;
  await world.look(id);

  expect(shownBefore).toEqual([id]);
  expect(unexplained.explained).toBeNull();
  expect((await world.incident(id)).explained).not.toBeNull();
});

test('an incident that cannot be explained does not keep the others from their turn', async () => {
  const world = await worlds.open();
  const broken = await world.killed();
  const other = await world.killed({ workload: 'cart' });
  const { findings } = world.needs.reader;
  const reader: typeof world.needs.reader = {
    ...world.needs.reader,
    findings: (kill, recent) =>
      kill.subject.workload.name === 'checkout'
        ? Promise.reject(new Failure('cluster-forbidden', 'The service account may not read pods.'))
        : findings(kill, recent),
  };

  const due = await sweep({ ...world.needs, reader });

  expect(due).toBe(2);
  expect((await world.incident(broken)).explained).toBeNull();
  expect((await world.incident(other)).explained).not.toBeNull();
  expect(await world.store.due(10)).toEqual([]);
});

test('an incident that takes long does not stop the time of the others, and is not begun twice', async () => {
  const world = await worlds.open();
  const slow = await world.killed();
  const answered = Promise.withResolvers<undefined>();
  let begun = 0;
  const { findings } = world.needs.reader;
  const reader: typeof world.needs.reader = {
    ...world.needs.reader,
    findings: async (kill, recent) => {
      if (kill.subject.workload.name === 'checkout') {
        begun += 1;
        await answered.promise;
      }
      return findings(kill, recent);
    },
  };
  const needs = (patience: Promise<void>): typeof world.needs => ({
    ...world.needs,
    reader,
    wait: (ms, signal) => (ms === minute ? patience : world.needs.wait(ms, signal)),
  });
  const underWay = nothingUnderWay();
  await sweep(needs(Promise.resolve()), { underWay, mostMs: minute });
  const other = await world.killed({ workload: 'cart' });

  const due = await sweep(needs(Promise.withResolvers<void>().promise), { underWay, mostMs: minute });

  expect(due).toBe(1);
  expect((await world.incident(other)).explained).not.toBeNull();
  expect((await world.incident(slow)).explained).toBeNull();
  answered.resolve(undefined);
  await sweptAll(underWay);
  expect((await world.incident(slow)).explained).not.toBeNull();
  expect(begun).toBe(1);
});

test('a request that comes while an explanation fails is due at once', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  const reader: typeof world.needs.reader = {
    ...world.needs.reader,
    findings: async () => {
      await world.ask(id, 'acknowledge', sam);
      throw new Failure('cluster-forbidden', 'The service account may not read pods.');
    },
  };

  await sweep({ ...world.needs, reader });

  expect(await world.store.due(10)).toEqual([id]);
});

test('live objects that cannot be read leave a verdict without a plan, and the reason', async () => {
  const world = await worlds.open();
  world.cluster.broken.planInputs = new Failure('cluster-forbidden', 'The service account may not read Deployments.');
  const id = await world.killed();

  await world.look(id);

  const { explained, remediations } = await world.incident(id);
  expect(explained?.noPlan).toContain('may not read Deployments');
  expect(remediations).toEqual([]);
});

test('without usage the verdict says so and nothing is thrown', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  const id = await world.killed();

  await world.look(id);

  const { explained } = await world.incident(id);
  expect(
    explained?.evidence
      .filter(({ missing }) => missing)
      .map(({ text }) => text)
      .join(),
  ).toContain('Prometheus');
});

test('an open verdict is looked at once more when late evidence may have arrived', async () => {
  const world = await worlds.open();
  world.cluster.usage = null;
  const id = await world.killed({ livedMs: 20 * 60_000 });
  await world.look(id);
  const first = (await world.incident(id)).explained?.diagnosis.hypotheses[0]?.cause;

  world.cluster.usage = 0.96;
  world.pass(world.needs.pace.settleMs);
  await world.look(id);

  expect(first).toBe('inconclusive');
  expect((await world.incident(id)).explained?.diagnosis.hypotheses[0]?.cause).toBe('limit-too-low');
});

test('a crash loop keeps the pictures that its thread shows, not one for each look', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  for (let kills = 0; kills < 4; kills += 1) {
    world.pass(60_000);
    await world.killed({ livedMs: 50_000 });
    await world.look(id);
  }

  const charts = await world.redis.keys(`${clusterTag(world.name)}*chart*`);
  expect((await world.incident(id)).explained?.kills).toBe(5);
  expect(charts).toHaveLength(new Set((await world.entries(id)).flatMap(({ chart }) => chart ?? [])).size);
  expect(charts.length).toBeGreaterThan(0);
});
