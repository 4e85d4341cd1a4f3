import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf } from '../../sandbox/slack/workspace.ts';
import { usedRights } from '../../src/adapters/kubernetes/read/rights.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { eventually } from '../eventually.ts';
import { afterAllLong, beforeAllLong } from '../long.ts';
import { accountWith } from './accounts.ts';
import { personNamed } from './people.ts';
import { allWords, threadsOf, toldTo } from './threads.ts';
import { clusterOf } from './victims.ts';
import { writesOf } from './writes.ts';

/* `/oom test`, carried out by a worker that may make pods in one namespace alone, and not in `closed`, which policy names too. */

const namespace = 'oomkeeper-tests';
let system: System;
let folder: string;

beforeAllLong(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-oom-test-'));
  const policy = join(folder, 'policy.yaml');
  await writeFile(
    policy,
    `approvals: [{ who: [${idOf('U', 'amira')}] }]\ntests: [{ namespaces: [${namespace}, closed] }]\nalarms: [{ from: low }]\n`,
  );
  const onPods = (verb: string) => ({ verb, group: '', resource: 'pods' });
  system = await startSystem({
    settings: { OOMKEEPER_MODE: 'act', OOMKEEPER_POLICY: policy, OOMKEEPER_APPROVERS: '' },
    // Long enough that what is typed twice meets.
    timing: { testStayMs: 4_000 },
    only: async (name, { world }) => {
      if (name !== 'worker') return {};
      // It tells the bot of the namespaces that it finds when it starts.
      clusterOf(world).apply(
        [namespace, 'closed', 'shop'].map((one) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: one } })),
      );
      const path = join(folder, 'worker.yaml');
      await writeFile(path, world.kubeconfigOf('oomkeeper/worker'), { mode: 0o600 });
      return { KUBECONFIG: path };
    },
    world: {
      rights: [
        ...accountWith(
          'worker',
          usedRights.filter(({ need }) => need !== 'act'),
        ),
        ...accountWith('worker', ['create', 'get', 'list', 'delete'].map(onPods), namespace).slice(1),
      ],
    },
  });
});
afterAllLong(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Types a command in #oom-alerts, and waits for an answer that has these words. */
async function type(name: string, command: string, words: RegExp): Promise<string> {
  const { world } = system;
  const user = personNamed(world, name);
  const before = toldTo(world, user).length;
  await world.slack.control.command({ user, channel: channelOf('oom-alerts'), text: command });
  return eventually(() => {
    const said = toldTo(world, user).slice(before).map(allWords).join('\n');
    expect(said).toMatch(words);
    return said;
  });
}

function channelOf(name: string): string {
  const found = system.world.slack.store.channels().find((one) => one.name === name);
  if (found === undefined) throw new Error(`no channel ${name}`);
  return found.id;
}

/** What was written to pods, oldest first; what was refused too. */
const podWrites = (): readonly string[] =>
  writesOf(system.world).map(({ method, path, status }) => `${method} ${path.split('/')[4]} ${status}`);

test('an approver gets one kill, one thread that says who asked, and no pod is left, however often it is typed', async () => {
  const said = await Promise.all([
    type('amira', '/oom test', /was killed\. Its thread says that it is a test/),
    type('amira', '/oom test', /under way already/),
  ]);

  expect(said.join('\n')).toMatch(/Pod oomkeeper-try-kill-\w{5} in oomkeeper-tests was killed/);
  await eventually(() => expect(podWrites()).toEqual([`POST ${namespace} 201`, `DELETE ${namespace} 200`]));
  const thread = await eventually(() => {
    const [found, ...others] = threadsOf(system.world);
    expect(others).toEqual([]);
    if (found === undefined || found.verdict === '') throw new Error('not explained yet');
    return found;
  });
  const words = allWords(thread.root);
  expect(words).toMatch(/This is a test by Amira \(\/oom test\): its pod was made to run out of memory/);
  expect(words).not.toMatch(/<@|\*Fix:|Apply /);
  expect(system.world.pagerduty.events()).toEqual([]);
});

test.each([
  ['sam', '/oom test', /Only <@U\w+> can have a test made in oomkeeper-tests/],
  ['amira', '/oom test shop', /Tests in test may be made in oomkeeper-tests or closed, not in shop/],
  ['amira', '/oom test shpo', /I know no cluster or namespace shpo\. Did you mean shop\?/],
  ['amira', '/oom test closed', /I lack the right to make, look at and delete pods in closed; .*components\/tests/],
])('%s who types %s is told why not and what to do, and no pod is made', async (name, command, words) => {
  const before = threadsOf(system.world).length;
  await type(name, command, words);

  expect(podWrites().filter((one) => !one.includes(namespace) && one.endsWith(' 201'))).toEqual([]);
  expect(threadsOf(system.world)).toHaveLength(before);
});
