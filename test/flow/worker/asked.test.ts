import { expect, test } from 'vitest';
import type { Entry } from '../../../src/core/incident/incident.ts';
import { amira, hour, minute, sam, useWorlds, type WorkerWorld, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();
const ben = 'UBEN';
const oncall = 'SONCALL';

/** Sam has asked for the proposed change. */
async function requested(changes: WorldChanges = {}): Promise<WorkerWorld & { readonly id: string }> {
  const world = await worlds.open(changes);
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', sam);
  await world.look(id);
  return { ...world, id };
}

/** Who is mentioned in the thread, and with what words, since the incident was explained. */
async function mentions({ id, ...world }: WorkerWorld & { readonly id: string }): Promise<[string, string[]][]> {
  const told = (await world.entries(id)).filter(
    ({ audience, kind, people }: Entry) => audience.to === 'thread' && kind === 'audit' && people.length > 0,
  );
  // The world begins now, and what is after the next midnight is told with its date.
  return told.map(({ text, people }) => [text.replaceAll(/(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d/g, 'T'), people]);
}

test('a reply mentions who may approve, until when, and whoever asked', async () => {
  const world = await requested({ approvers: [amira, oncall] });

  expect(await mentions(world)).toEqual([
    [
      expect.stringMatching(/^\{0\} asked for limit \S+\. Waiting for \{1\} or \{2\} to approve \(expires T UTC\)\.$/),
      [sam, amira, oncall],
    ],
  ]);
});

test('at most five are mentioned, and the others are counted', async () => {
  const world = await requested({ approvers: ['UA1', 'UA2', 'UA3', 'UA4', 'UA5', 'UA6', 'UA7'] });

  const [[text, people] = ['', []]] = await mentions(world);
  expect(people).toEqual([sam, 'UA1', 'UA2', 'UA3', 'UA4', 'UA5']);
  expect(text).toContain('{5} or 2 others');
});

test('they are reminded once when half of the time is over, and told once when it has expired', async () => {
  const { id, ...world } = await requested({ approvalTtlMs: hour });
  const askedAt = (await world.remediation(id)).requested?.at ?? 0;
  const dueAt = await world.dueAt(id);

  for (let looks = 0; looks < 12; looks += 1) {
    world.pass(6 * minute);
    await world.look(id);
  }

  expect(dueAt).toBe(askedAt + hour / 2);
  expect(await mentions({ id, ...world })).toEqual([
    [expect.stringContaining('Waiting for {1} to approve'), [sam, amira]],
    [
      expect.stringMatching(/^Still waiting for \{0\} to approve limit \S+, \d+ min left \(expires T UTC\)\.$/),
      [amira],
    ],
    [
      expect.stringMatching(
        /^Nobody approved limit \S+ in time, so the request expired and nothing changed\. \{0\} asked for it\. It was up to \{1\}\.$/,
      ),
      [sam, amira],
    ],
  ]);
});

test('reminded, then approved: it is carried out once, and nobody is told that it has expired', async () => {
  const { id, ...world } = await requested({ approvalTtlMs: hour });
  world.pass(hour / 2);
  await world.look(id);
  const reminded = await mentions({ id, ...world });
  world.pass(5 * minute);
  await world.ask(id, 'approve', amira);
  await world.look(id);
  world.pass(hour);
  await world.look(id);

  expect(reminded.map(([text]) => text)).toEqual([
    expect.stringContaining('asked for'),
    expect.stringMatching(/^Still waiting/),
  ]);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
  expect((await world.remediation(id)).applied).not.toBeNull();
  expect((await world.thread(id)).join('\n')).not.toMatch(/expired|Nobody approved/);
});

test('a worker that dies before or after it has reminded them does so once', async () => {
  const { id, ...world } = await requested({ approvalTtlMs: hour });
  world.pass(hour / 2);

  await world.lookWith(id, {}, 0);
  const dead = await mentions({ id, ...world });
  await world.lookWith(id, {}, 1);
  await world.look(id);

  expect(dead).toHaveLength(1);
  expect(await mentions({ id, ...world })).toHaveLength(2);
});

test('whoever has approved already is not asked again, and the second person is', async () => {
  const world = await worlds.open({
    rules: [
      {
        who: [amira, ben],
        clusters: ['*'],
        namespaces: ['*'],
        kinds: ['raise-limit'],
        means: ['cluster'],
        upTo: null,
        secondPerson: true,
        expires: hour,
      },
    ],
  });
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'apply', amira);
  await world.look(id);
  world.pass(hour / 2);
  await world.look(id);

  expect(await mentions({ id, ...world })).toEqual([
    [expect.stringContaining('Policy wants a second person: waiting for {1} to approve'), [amira, ben]],
    [expect.stringContaining('Still waiting for {0} to approve'), [ben]],
  ]);
});

test('nobody is reminded of what was decided, or of a request that was stored without a time for it', async () => {
  const { id, ...world } = await requested({ approvalTtlMs: hour / 2 });
  await world.store.update(id, (loaded) => ({
    incident: {
      ...loaded.incident,
      remediations: loaded.incident.remediations.map((one) => ({ ...one, remindAt: null })),
    },
    entries: [],
    audit: [],
    decided: [],
    dueAt: null,
  }));
  world.pass(hour / 4);
  await world.look(id);
  const dueAt = await world.dueAt(id);
  const { expiresAt } = await world.remediation(id);
  await world.ask(id, 'reject', amira);
  await world.look(id);
  const { remediations } = await world.incident(id);
  world.pass(hour);
  await world.look(id);

  expect(dueAt).toBe(expiresAt);
  expect(remediations[0]?.state).toBe('rejected');
  expect((await world.thread(id)).filter((text) => text.includes('Still waiting'))).toEqual([]);
});
