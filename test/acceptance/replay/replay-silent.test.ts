import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Capture } from './replay-captures.ts';
import { nodeEvents, readCaptures, replayTexts } from './replay-captures.ts';

// What no status of a pod shows: processes that are killed while their container lives on, and kills of nodes.

const folder = join(import.meta.dirname, '../../recordings/captures');
const captures = readCaptures(folder);
const capture = (name: string): Capture => {
  const found = captures.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no recording ${name}`);
  return found;
};

const matrix = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

describe('a process that is killed while its container lives on', () => {
  const { pods, events, metrics, truth } = capture('child-kill');

  test('is told by the counter', async () => {
    const answer = await replayTexts([pods], [events], undefined, [metrics]);

    expect(answer.incidents).toEqual(truth);
    expect(answer.lines).toMatchObject([{ kind: 'child-process', kills: 2, exitCode: null, suspect: false }]);
  });

  test('is not seen without it', async () => {
    expect((await replayTexts([pods], [events])).incidents).toEqual([]);
  });

  test('is told by a counter whose values are texts', async () => {
    const asTexts = metrics.replaceAll(/"value":([\d.]+)/g, '"value":"$1"');

    const answer = await replayTexts([pods], [events], undefined, [asTexts]);

    expect([answer.incidents, answer.exitCode]).toEqual([truth, 0]);
  });

  test('is counted once when the counter is read again and again, also of two Prometheus servers', async () => {
    const later = metrics.replaceAll('07:10:05.375Z', '07:10:20.000Z');

    const answer = await replayTexts([pods], [events], undefined, [metrics, metrics, later]);

    expect(answer.incidents).toEqual(truth);
  });

  test('is told by the kernel’s own message too, and not twice', async () => {
    const answer = await replayTexts(
      [pods],
      [events, nodeEvents(capture('child-kill'), 'with the cgroup')],
      undefined,
      [metrics],
    );

    expect(answer.incidents).toEqual(truth);
  });

  test('has a counter that began long before the recording: nobody knows when', async () => {
    const old = pods.replaceAll('"startedAt":"2026-11-24T07:09', '"startedAt":"2026-11-23T07:09');

    expect((await replayTexts([old], [events], undefined, [metrics])).incidents).toEqual([]);
  });

  test('is told of a container that has run for long by a counter that stood at 0 when it was recorded first', async () => {
    const old = pods.replaceAll('"startedAt":"2026-11-24T07:09', '"startedAt":"2026-11-23T07:09');
    const before = metrics.replaceAll('07:10:05.375Z', '07:09:40.000Z').replaceAll('"value":2', '"value":0');

    expect((await replayTexts([old], [events], undefined, [before, metrics])).incidents).toEqual(truth);
  });

  test('is not told by a counter that does not say in which of several runs it was', async () => {
    const one = capture('oom-restart');
    const upToTheThirdRun = one.pods.split('\n').slice(0, 10).join('\n');
    const labels = { namespace: 'cap-oom-restart', pod: 'web', container: 'app' };
    const rows = ['07:09:52', '07:09:58', '07:10:05', '07:10:12'].map((time) =>
      JSON.stringify({ at: `2026-11-24T${time}.000Z`, name: 'container_oom_events_total', labels, value: 1 }),
    );

    const answer = await replayTexts([upToTheThirdRun], [one.events], undefined, [rows.join('\n')]);

    expect(answer.lines).toMatchObject([{ kind: 'container', kills: 2 }]);
  });

  test('of a static pod is told by the kernel, who calls the pod by the hash of its file', async () => {
    const one = capture('child-kill');
    const uid = 'e5244a9b-2c7f-41b3-a163-3678f4bb2c7d';
    const hash = uid.replaceAll('-', '');
    const mirror = one.pods.replaceAll(
      '"name":"forker"',
      `"annotations":{"kubernetes.io/config.hash":"${hash}"},"name":"forker"`,
    );

    const told = nodeEvents(one, 'with the cgroup').replaceAll(uid, hash);
    const answer = await replayTexts([mirror], [one.events, told], undefined, [metrics]);

    expect(answer.incidents).toEqual(truth);
    expect(answer.lines.filter(({ workload }) => workload.kind === 'Node')).toEqual([]);
  });

  test('a counter that a real Prometheus answered with gives the six of the truth beside ten kills of containers', async () => {
    const seen = capture('prometheus-view');
    const answered = matrix.parse(
      JSON.parse(readFileSync(join(folder, 'prometheus-view/prom-container_oom_events_total.json'), 'utf8')),
    );
    const rows = answered.data.result.flatMap(({ metric, values }) =>
      values.map(([seconds, value]) =>
        JSON.stringify({
          at: new Date(seconds * 1000).toISOString(),
          name: 'container_oom_events_total',
          labels: metric,
          value: Number(value),
        }),
      ),
    );

    const answer = await replayTexts([seen.pods], [seen.events], undefined, [rows.join('\n')]);

    expect(answer.incidents).toEqual(seen.truth);
  });
});

describe('the kernel’s messages as Events of a node', () => {
  const told = captures.filter(({ kernel, needs }) => kernel !== '' && needs === null);

  test('are there', () => {
    expect(told.length).toBeGreaterThan(15);
  });

  test.each(told)('$name: with the cgroup in them each kill stays one', async (one) => {
    const answer = await replayTexts([one.pods], [one.events, nodeEvents(one, 'with the cgroup')]);

    expect(answer.incidents).toEqual(one.truth);
  });

  test.each(told)('$name: without the cgroup none makes a node an incident', async (one) => {
    const answer = await replayTexts([one.pods], [one.events, nodeEvents(one, 'one line')]);

    expect(answer.incidents).toEqual(one.truth);
  });

  test('a kill by the limit of all pods together is the node’s too, and marks bystanders, who were not killed', async () => {
    const one = capture('node-oom-kubepods');
    const messages = nodeEvents(one, 'with the cgroup');
    const inOlderWords = messages.replaceAll(
      /oom-kill:[^"\\]*task_memcg=([^,]*)[^"\\]*/g,
      'Task in $1 killed as a result of limit of /kubepods',
    );
    expect(inOlderWords).toContain('as a result of limit');

    for (const said of [messages, inOlderWords]) {
      const answer = await replayTexts([one.pods], [one.events, said]);

      expect(answer.incidents).toEqual(['Node/lab-node-1 pod -: node x 1', ...one.truth]);
    }
  });

  test('the kubelet’s SystemOOM is a kill of the node, once, also when node-problem-detector tells of it', async () => {
    const system = readFileSync(join(folder, 'systemoom-synthetic/node-events.ndjson'), 'utf8');
    const detector = system
      .replace('SystemOOM', 'OOMKilling')
      .replace(/"message":"[^"]*"/, '"message":"Out of memory: Killed process 4242 (memtool) anon-rss:8212345kB"');

    const answer = await replayTexts([''], [system, detector, system]);

    expect(answer.lines).toMatchObject([
      { kind: 'node', kills: 1, workload: { kind: 'Node', namespace: null, name: 'lab-node-1' }, container: null },
    ]);
  });

  test('shortage of memory and evictions on a node are no kills of it', async () => {
    const { pods, events, truth } = capture('evict');
    const nodes = readFileSync(join(folder, 'evict/node-events.ndjson'), 'utf8');

    expect((await replayTexts([pods], [events, nodes])).incidents).toEqual(truth);
  });
});

describe('an unexplained SIGKILL', () => {
  const { pods, events } = capture('self-137');
  const ids = [...new Set([...pods.matchAll(/"containerID":"containerd:\/\/([0-9a-f]+)"/g)].map(([, id]) => id ?? ''))];
  const sample = (name: string, value: number) =>
    ids
      .map((id) => ({ id: `/kubepods/burstable/podbb4719fa-d3a9-4fa0-8f9b-77107753cf8d/${id}`, pod: 'web' }))
      .map((labels) => ({ ...labels, namespace: 'cap-self-137', container: 'app' }))
      .map((labels) => JSON.stringify({ at: '2026-11-24T06:51:36.500Z', name, labels, value }))
      .join('\n');

  test('was the kernel’s where its counter rose', async () => {
    const answer = await replayTexts([pods], [events], undefined, [sample('container_oom_events_total', 1)]);

    expect(answer.lines).toMatchObject([{ suspect: false, kind: 'container', exitCode: 137 }]);
  });

  test.each([
    [60 * 2 ** 20, false],
    [30 * 2 ** 20, true],
  ])('of a container that used %i bytes of 64Mi is a suspect: %s', async (value, suspect) => {
    const answer = await replayTexts([pods], [events], undefined, [
      sample('container_memory_working_set_bytes', value),
    ]);

    expect(new Set(answer.lines.map((line) => line.suspect))).toEqual(new Set([suspect]));
  });
});
