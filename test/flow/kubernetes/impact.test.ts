import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClusterReader } from '../../../src/adapters/kubernetes/read/read-cluster.ts';
import type { Transport } from '../../../src/adapters/kubernetes/transport/transport.ts';
import { Failure } from '../../../src/core/failure.ts';
import { deploy, lastOf, peaksAt, startLivingWorld, untilKills } from './living-world.ts';
import type { LivingWorld } from './living-world.ts';

let world: LivingWorld;

beforeAll(async () => {
  world = await startLivingWorld();
  world.cluster.apply([service('web', { app: 'web' }), service('everything', {}), service('other', { app: 'other' })]);
  await deploy(world, peaksAt(100, 1_000), { replicas: 2 });
});
afterAll(async () => {
  await world.close();
});

function service(name: string, selector: Record<string, string>) {
  const ports = [{ port: 80, targetPort: 8080 }];
  return { kind: 'Service', apiVersion: 'v1', metadata: { name, namespace: 'shop' }, spec: { selector, ports } };
}

/** What a reader of this transport says of the latest kill. */
async function impactBy(transport: Transport, deadlineMs = 10_000) {
  const nothing = { usage: () => Promise.reject(new Error('none')), usageNow: () => Promise.resolve(null) };
  return createClusterReader({ transport, deadlineMs, ...nothing, now: world.clock.now }).impact(lastOf(world.kills));
}

function refusing(path: string): Transport {
  const json: Transport['json'] = async (call) => {
    if (call.path.includes(path)) throw new Failure('cluster-forbidden', 'may not');
    return world.transport.json(call);
  };
  const answer: Transport['answer'] = async (call) => {
    if (call.path.includes(path)) throw new Failure('cluster-forbidden', 'may not');
    return world.transport.answer(call);
  };
  return { ...world.transport, json, answer };
}

test('a Service that selects the killed pods and has no ready one left is named, and others are not', async () => {
  await untilKills(world, 6);

  const impact = await world.reader.impact(lastOf(world.kills));

  expect(impact).toMatchObject({ pods: { ready: 0, desired: 2 }, unserved: ['web'], qosClass: 'Burstable' });
  expect(impact.young?.restarts).toBeGreaterThanOrEqual(2);
});

test('of what may not be read nothing is said, and of the rest all', async () => {
  expect(await impactBy(refusing('/endpointslices'))).toMatchObject({ pods: { ready: 0, desired: 2 }, unserved: null });
  expect(await impactBy(refusing('/deployments/'))).toMatchObject({ pods: null, unserved: ['web'] });
  expect(await impactBy(refusing('/namespaces/'))).toMatchObject({ pods: null, unserved: null, young: null });
});

test('a server that never answers takes no longer than the deadline', async () => {
  const silent: Transport = {
    ...world.transport,
    json: () => Promise.withResolvers<never>().promise,
    answer: () => Promise.withResolvers<never>().promise,
  };

  expect(await impactBy(silent, 50)).toMatchObject({ pods: null, unserved: null });
});
