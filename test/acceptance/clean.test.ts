import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startWorld } from '../../sandbox/world.ts';
import type { World } from '../../sandbox/world.ts';
import { connect } from '../../src/adapters/kubernetes/transport/connect.ts';
import { record, records } from '../../src/core/kill/json-read.ts';
import type { JsonRecord } from '../../src/core/kill/json-read.ts';
import { eventually } from '../eventually.ts';
import { accountWith } from './accounts.ts';
import { objectsIn, runHere } from './run-command.ts';
import type { Ran } from './run-command.ts';
import { addVictim } from './victims.ts';
import { writesOf } from './writes.ts';

/* `oomkeeper clean` against the pretend cluster, which has carried out plans. There is no Redis and no Slack. */

const looked = [
  { group: 'apps', resource: 'deployments' },
  { group: 'apps', resource: 'replicasets' },
  { group: 'apps', resource: 'statefulsets' },
  { group: 'apps', resource: 'daemonsets' },
  { group: 'batch', resource: 'cronjobs' },
  { group: '', resource: 'pods' },
];
const may = (...verbs: readonly string[]) => looked.flatMap((one) => verbs.map((verb) => ({ verb, ...one })));
const folder = await mkdtemp(join(tmpdir(), 'oomkeeper-clean-'));
let world: World;

beforeEach(async () => {
  const started = await startWorld({
    speed: 20,
    seed: 1,
    port: 0,
    withPage: false,
    rights: [
      ...accountWith('cleaner', may('list', 'patch')),
      ...accountWith('reader', may('list')),
      ...accountWith('lister', [...may('list'), { verb: 'list', group: '', resource: 'namespaces' }]),
      ...accountWith(
        'apps-only',
        may('list', 'patch').filter(({ group }) => group === 'apps'),
      ),
      ...accountWith('nobody', [{ verb: 'list', group: '', resource: 'services' }]),
    ],
    log: () => undefined,
  });
  onTestFinished(started.close);
  world = started;
  const ours = { 'oomkeeper.dev/plan': 'PLAN-AAAAAA' };
  addVictim(world, {
    name: 'checkout',
    kills: 1,
    keepsRunning: true,
    ownAnnotations: { ...ours, 'oomkeeper.dev/owner': '@carts', 'example.com/team': 'carts' },
  });
  addVictim(world, { name: 'basket', namespace: 'storefront', kills: 1, keepsRunning: true, ownAnnotations: ours });
  addVictim(world, {
    name: 'copied',
    kills: 1,
    keepsRunning: true,
    annotations: { ...ours, 'oomkeeper.dev/channel': 'carts' },
  });
  await eventually(async () => {
    const { length } = await running();
    if (length !== 3) throw new Error(`${length} pods are there`);
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function clean(args: readonly string[], account = 'cleaner'): Promise<Ran> {
  const path = join(folder, `${account}.yaml`);
  await writeFile(path, world.kubeconfigOf(`oomkeeper/${account}`), { mode: 0o600 });
  return runHere(['clean', '--kubeconfig', path, ...args]);
}

/** Objects of a kind as the API server has them, by its path. */
async function listed(path: string): Promise<readonly JsonRecord[]> {
  const transport = await connect({ kubeconfig: world.addresses.kubeconfig });
  return records(record(await transport.json({ path }))['items']);
}

const metadataOf = (object: JsonRecord): JsonRecord => record(object['metadata']);

/** Uids of the pods that are there. */
async function running(): Promise<readonly string[]> {
  return (await listed('/api/v1/pods')).map((pod) => String(metadataOf(pod)['uid'])).toSorted();
}

async function deployment(name: string): Promise<JsonRecord> {
  const found = (await listed('/apis/apps/v1/deployments')).find((one) => metadataOf(one)['name'] === name);
  return found ?? {};
}

/** How many objects carry the annotation themselves. */
async function annotated(): Promise<number> {
  const paths = ['/apis/apps/v1/deployments', '/apis/apps/v1/replicasets', '/api/v1/pods'];
  const all = (await Promise.all(paths.map(listed))).flat();
  return all.filter((one) => record(metadataOf(one)['annotations'])['oomkeeper.dev/plan'] !== undefined).length;
}

test('a namespace that is not there is refused, not found clean', async () => {
  const { code, err } = await clean(['--namespace', 'stroefront'], 'lister');

  expect(code).not.toBe(0);
  expect(err).toContain('The cluster has no namespace "stroefront". Did you mean storefront?');
});

test('without --yes it shows what would be removed and what stays, and changes nothing', async () => {
  const before = await annotated();

  const shown = await clean([]);
  const dry = await clean(['--dry-run']);

  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/Deployment +shop +checkout +PLAN-AAAAAA/);
  expect(shown.out).toMatch(/Deployment +storefront +basket +PLAN-AAAAAA/);
  expect(shown.out).toContain('would be removed from 5 objects. No pod restarts.\nNothing changed. Add --yes');
  expect(shown.out).toContain('- memory limits, requests and heap flags, as they are now');
  expect(shown.out).toContain('- what people wrote: oomkeeper.dev/channel, oomkeeper.dev/owner');
  expect(shown.out).toContain(
    'in the pod template of Deployment shop/copied: to remove it there would restart its pods',
  );
  expect(dry.out).toBe(shown.out);
  expect(writesOf(world)).toEqual([]);
  expect([before, await annotated()]).toEqual([5, 5]);
});

test('with --yes ours is gone, what people wrote is there, and no pod was restarted', async () => {
  const pods = await running();

  const { code, out } = await clean(['--yes']);

  expect([code, out]).toEqual([0, expect.stringContaining('Removed from 5 objects. No pod restarts.')]);
  expect(await annotated()).toBe(0);
  expect(metadataOf(await deployment('checkout'))['annotations']).toMatchObject({
    'oomkeeper.dev/owner': '@carts',
    'example.com/team': 'carts',
  });
  expect(JSON.stringify((await deployment('copied'))['spec'])).toContain('"oomkeeper.dev/plan":"PLAN-AAAAAA"');
  expect(await running()).toEqual(pods);
  expect((await clean(['--yes'])).out).toContain('there is nothing to remove');
});

test('in one namespace nothing of another one is touched', async () => {
  const { out } = await clean(['--namespace', 'storefront', '--yes']);

  expect(out).toContain('Removed from 2 objects.');
  expect(await annotated()).toBe(3);
});

test('--json says of each object whether it was removed, and at the end what was left', async () => {
  const { out } = await clean(['--yes', '--json']);

  const lines = objectsIn(out, (line) => z.looseObject({ kind: z.string().optional() }).parse(line));
  expect(lines.filter(({ kind }) => kind === 'Deployment')).toEqual([
    { kind: 'Deployment', namespace: 'shop', name: 'checkout', plan: 'PLAN-AAAAAA', removed: true, problem: null },
    { kind: 'Deployment', namespace: 'storefront', name: 'basket', plan: 'PLAN-AAAAAA', removed: true, problem: null },
  ]);
  expect(lines.at(-1)).toEqual({
    summary: true,
    found: 5,
    removed: 5,
    left: {
      templates: expect.arrayContaining(['Deployment shop/copied']),
      annotations: ['oomkeeper.dev/channel', 'oomkeeper.dev/owner'],
    },
    unread: [],
  });
});

test('it has no rights but those of the kubeconfig, and says what they did not suffice for', async () => {
  const reader = await clean(['--yes'], 'reader');
  const apps = await clean(['--yes'], 'apps-only');
  const nobody = await clean([], 'nobody');

  expect(reader.code).toBe(1);
  expect(reader.out).toMatch(/Removed from 0 objects[\s\S]*Not removed from Deployment shop\/checkout: .*patch/);
  expect(apps.code).toBe(1);
  expect(apps.out).toMatch(/Removed from 4 objects[\s\S]*Not looked at: cronjobs: [\s\S]*Not looked at: pods: /);
  expect(nobody.code).toBe(1);
  expect(nobody.err).toMatch(/may not list|cannot list/);
});

test('a wrong command line is refused in one sentence', async () => {
  expect(await clean(['--yes', '--dry-run'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('give one of them'),
  });
  expect(await clean(['--force'])).toMatchObject({ code: 2, err: expect.stringContaining('clean --help') });
});
