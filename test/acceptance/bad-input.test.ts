import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { projectRoot } from '../../scripts/project.mjs';
import { processNames } from '../../scripts/system.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { ask, personNamed } from './people.ts';
import { allMrkdwn, threadAbout, threadsOf } from './threads.ts';
import { addVictim, clusterOf } from './victims.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

const hostileLines = [
  '<!channel> *OOM* `rm -rf` <https://evil.example|click here>',
  '<@U0000000> :fire: ```never ends',
];

// At the same time: most of it is waiting.
describe.concurrent('bad input', () => {
  test('without a Prometheus, with hostile log lines, a megabyte of annotations and a limit of 129M it is explained all the same', async ({
    onTestFinished,
  }) => {
    const system = await startSystem({ settings: { OOMKEEPER_PROMETHEUS_URL: 'http://127.0.0.1:9' } });
    onTestFinished(system.stop);
    const { world } = system;
    vi.spyOn(clusterOf(world).kubelet, 'logs').mockReturnValue({
      status: 200,
      body: `${hostileLines.join('\n')}\n`,
    });
    const annotations = { 'example.com/blob': '<!channel> "terminated" OOMKilled '.repeat(31_000) };
    const program = [
      { at: 0, bytes: 40_000_000 },
      { at: 2_000, bytes: 150_000_000 },
    ];

    addVictim(world, { name: 'heavy', kills: 1, limit: '129M', annotations, program });

    await eventually(() => expect(threadAbout(world, 'heavy').verdict).not.toBe(''));
    const { incident, root, kills } = threadAbout(world, 'heavy');
    const why = await ask(world, personNamed(world, 'lena'), `/oom why ${incident}`);
    expect(kills).toBe(1);
    expect(allMrkdwn(root)).toMatch(/Limit|limit/);
    expect(allMrkdwn(root)).toMatch(/123Mi|129M/);
    expect(why).toMatch(/usage[^•]*missing[^•]*Prometheus/i);
    expect(why).toMatch(/rm -rf/);
    expectNothingHostile(system);
    await expectAlive(system);
  });

  test('pods without a status or of wrong types are passed, names are harmless, 1e3 and 129M are read', async ({
    onTestFinished,
  }) => {
    const recording = await mkdtemp(join(tmpdir(), 'oomkeeper-bad-input-'));
    onTestFinished(() => rm(recording, { recursive: true, force: true }));
    await writeBadRecording(recording);
    const system = await startSystem({ world: { recording } });
    onTestFinished(system.stop);
    const { world } = system;

    await fetch(new URL('/recording/play', world.addresses.controlUrl), { method: 'POST' });

    await eventually(() => expect(threadsOf(world).map(({ kills }) => kills)).toEqual([3]));
    await eventually(() => expect(threadsOf(world)[0]?.verdict).not.toBe(''));
    const words = threadsOf(world)
      .map(({ root }) => allMrkdwn(root))
      .join();
    expect(words).toContain('&lt;!here&gt;');
    expect(words).toMatch(/123Mi|129M/);
    expect(await system.said()).not.toContain('unreadable field');
    expectNothingHostile(system);
    await expectAlive(system);
  });
});

/** Nothing that people are shown mentions, links, or breaks out of its quotes. */
function expectNothingHostile({ world }: System): void {
  const shown = threadsOf(world).flatMap(({ root, replies }) => [root, ...replies]);
  const words = [...shown, ...world.slack.store.ephemerals()].map(allMrkdwn).join('\n');
  expect(words).not.toMatch(/<!|<@U0000000|<https?:|```/);
}

async function expectAlive({ process }: System): Promise<void> {
  const answers = await Promise.all(processNames.map((name) => fetch(`${process(name).opsUrl}/healthz`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
}

/** `oom-restart` with names that nobody should be able to have, amounts in unusual words, and objects that are none. */
async function writeBadRecording(folder: string): Promise<void> {
  const captured = await readFile(join(projectRoot, 'test/recordings/captures/oom-restart/pods.ndjson'), 'utf8');
  const [first = ''] = captured.split('\n');
  const at = /"at":"([^"]+)"/.exec(first)?.[1] ?? '';
  const statuses = [
    '',
    ',"status":null',
    ',"status":"terminated"',
    ',"status":{"containerStatuses":{"terminated":true}}',
    ',"status":{"containerStatuses":[null,7,{"state":{"terminated":[]}},{"name":"x","state":{"terminated":null}}]}',
  ];
  const odd = statuses.map(
    (status, index) =>
      `{"at":"${at}","line":{"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"odd-${index}","namespace":"cap-oom-restart","uid":"odd-${index}","resourceVersion":"${9700 + index}","annotations":{"terminated":"OOMKilled"}}${status}}}}`,
  );
  const named = captured
    .replaceAll('"name":"app"', '"name":"app`\\u003c!here\\u003e`"')
    .replaceAll(/"nodeName":"[^"]*"/g, '"nodeName":"`\\u003c!channel\\u003e"')
    .replaceAll('"memory":"64Mi"', '"memory":"129M"')
    .replaceAll('"memory":"32Mi"', '"memory":"1e3"');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pods.ndjson'), [...odd, named].join('\n'));
}
