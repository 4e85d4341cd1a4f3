import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRedis, connectRedis } from '../../../src/adapters/redis/connection.ts';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { createStore } from '../../../src/adapters/redis/store/store.ts';
import { auditLines } from '../../../src/core/incident/audit.ts';
import type { IncidentEvent } from '../../../src/core/incident/event.ts';
import { transitionAll } from '../../../src/core/incident/transition.ts';
import { aKill, aRemediation, aVerified, killedAt, Mi } from '../../fixtures/incidents.ts';
import { openTestRedis, type TestRedis, uniqueCluster } from '../../redis.ts';

/* What came of changes, kept for the report card beside the audit record. */

let redis: TestRedis;
let connection: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  redis = await openTestRedis();
  connection = connectRedis(redis.url, { role: 'store', onError: () => undefined });
});
afterAll(async () => {
  await closeRedis(connection);
  await redis.stop();
});

test('the result of a check is kept with the change of the incident, and no other event leaves one', async () => {
  const cluster = uniqueCluster();
  const store = createStore({ redis: connection, cluster });
  const subject = { ...aKill().subject, cluster };
  const admitted = await store.admit(aKill({ subject }), 'act');
  const id = admitted.is === 'opened' ? admitted.incident : '';
  const commit = async (events: readonly IncidentEvent[]): Promise<void> => {
    await store.update(id, ({ incident }) => {
      const moved = transitionAll(incident, events);
      if (!moved.ok) throw new Error(moved.refusal);
      return {
        incident: moved.incident,
        entries: moved.entries,
        audit: auditLines(incident, events),
        decided: [],
        dueAt: null,
      };
    });
  };
  await store.update(id, ({ incident }) => ({
    incident: {
      ...incident,
      remediations: [
        aRemediation('verifying', {
          approved: { by: 'UAMIRA', at: killedAt + 60_000 },
          applied: { at: killedAt + 90_000, seen: 'on all pods.' },
        }),
      ],
    },
    entries: [],
    audit: [],
    decided: [],
    dueAt: null,
  }));
  const plan = aRemediation('verifying').plan.id;

  await commit([{ type: 'acknowledged', by: 'UAMIRA', at: killedAt + 95_000 }]);
  await commit([aVerified({ at: killedAt + 1_000_000, mostBytes: 540 * Mi })]);

  expect(await store.results(0)).toEqual([
    {
      at: killedAt + 1_000_000,
      incident: id,
      subject,
      plan,
      kind: 'raise-limit',
      purpose: 'fix',
      outcome: 'held',
      killedAt,
      approvedAt: killedAt + 60_000,
      appliedAt: killedAt + 90_000,
      limitBytes: 640 * Mi,
      spareBytes: 100 * Mi,
    },
  ]);
  expect(await store.results(Date.now() + 60_000)).toEqual([]);
  expect((await store.audit(0, 10)).map(({ what, result }) => [what, result?.outcome])).toEqual([
    ['acknowledged', undefined],
    ['verified', 'held'],
  ]);
  expect(await connection.pttl(clusterKeys(cluster).results)).toBeGreaterThan(29 * 86_400_000);
});

test('a torn result hides no other, and is named', async () => {
  const cluster = uniqueCluster();
  const store = createStore({ redis: connection, cluster });
  await connection.xadd(clusterKeys(cluster).results, '*', 'r', '{');
  const skipped: string[] = [];

  expect(await store.results(0, (name) => void skipped.push(name))).toEqual([]);
  expect(skipped).toEqual([expect.stringMatching(/^result \d+-0$/)]);
});
