import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createClock } from '../../../sandbox/clock.ts';
import { startApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import type { ApiServer } from '../../../sandbox/kubernetes/server/api-server.ts';
import { openRecording } from '../../../sandbox/kubernetes/cluster/recording.ts';
import { projectRoot } from '../../../scripts/project.mjs';
import { rawCharacters } from '../../unit/app/command-line/raw-characters.ts';
import { objectsIn, runHere } from '../run-command.ts';
import type { Ran } from '../run-command.ts';
import { linesOf } from './scan-lines.ts';
import type { Line } from './scan-lines.ts';

/* `oomkeeper scan` on clusters as they stood at the end of a recording. */

const complaints: string[] = [];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oomkeeper-scan-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const incidentSchema = z.object({
  workload: z.string(),
  container: z.string().nullable(),
  kind: z.string(),
  kills: z.number(),
});
const truthSchema = z.object({
  incidents: z.array(incidentSchema),
  kills: z.array(z.object({ pod: z.string(), container: z.string() })),
  needs: z.string().optional(),
});

/** The cluster as it stands at the end of a recording, without a metrics server and without a Prometheus. */
async function startRecorded(directory: string): Promise<ApiServer> {
  const recording = await openRecording(directory, createClock(1e9));
  await recording.play();
  const { store, clock, encode } = recording;
  const kubelet = { logs: () => ({ status: 204, body: '' }) };
  return startApiServer({ store, clock, encode, kubelet, log: (message) => complaints.push(message) });
}

async function scanRecorded(directory: string): Promise<Ran> {
  const api = await startRecorded(directory);
  try {
    const kubeconfig = join(folder, 'recorded.yaml');
    await writeFile(kubeconfig, api.kubeconfig);
    return await runHere(['scan', '--kubeconfig', kubeconfig, '--json']);
  } finally {
    await api.close();
  }
}

describe('of a recorded cluster it says what the truth says, as far as the pods are still there', async () => {
  const captures = join(projectRoot, 'test/recordings/captures');

  test.for(await readdir(captures))('%s', async (name, { skip }) => {
    const read = (file: string): Promise<string> => readFile(join(captures, name, file), 'utf8');
    const truth = truthSchema.parse(JSON.parse(await read('truth.json')));
    // What metrics, logs or a person would have to decide.
    if (truth.needs !== undefined && truth.needs !== 'eviction') return skip(`its truth needs ${truth.needs}`);
    const alive = podsAtTheEnd(await read('pods.ndjson'));

    const ran = await scanRecorded(join(captures, name));

    const lines = linesOf(ran);
    const visible = truth.incidents.filter(({ workload, container }) =>
      container === null
        ? alive.has(workload.replace('Pod/', ''))
        : truth.kills.some((kill) => kill.container === container && alive.has(kill.pod)),
    );
    const found = lines.filter(({ summary, suspect }) => !summary && !suspect);
    expect(ran.code).toBe(0);
    expect(lines.at(-1)).toMatchObject({ pods: alive.size, notes: [] });
    expect(found.map(sentence).toSorted()).toEqual(visible.map(sentenceOfTruth).toSorted());
    for (const line of found) {
      const wanted = visible.find((one) => sentenceOfTruth(one) === sentence(line));
      expect(line.kills).toBeGreaterThanOrEqual(1);
      expect(line.kills).toBeLessThanOrEqual(wanted?.kills ?? 0);
      expect(line.verdict).not.toBe(null);
      expect(line.fix).not.toBe(null);
    }
  });
});

function sentence({ workload, container, kind }: Line): string {
  return `${workload?.kind}/${workload?.name} ${container ?? '-'} ${kind}`;
}

function sentenceOfTruth({ workload, container, kind }: z.output<typeof incidentSchema>): string {
  return `${workload} ${container ?? '-'} ${kind}`;
}

/** Names of the pods whose last line is not their deletion. */
function podsAtTheEnd(ndjson: string): ReadonlySet<string> {
  const schema = z.object({
    line: z.object({
      type: z.string(),
      object: z.object({ kind: z.string().optional(), metadata: z.object({ name: z.string().default('') }) }),
    }),
  });
  const last = new Map<string, string>();
  for (const { line } of objectsIn(ndjson, (object) => schema.parse(object)))
    if (line.object.metadata.name !== '') last.set(line.object.metadata.name, line.type);
  return new Set([...last].flatMap(([name, type]) => (type === 'DELETED' ? [] : [name])));
}

test('a cluster whose names and messages are hostile writes nothing into a terminal', async () => {
  const evil = 'app\\u001b[2J\\u009b31m\\u202e';
  const source = join(projectRoot, 'test/recordings/captures/oom-restart/pods.ndjson');
  const hostile = join(folder, 'hostile');
  await mkdir(hostile);
  const recorded = await readFile(source, 'utf8');
  const spoilt = recorded
    .replaceAll('"name":"app"', `"name":"${evil}"`)
    .replaceAll('"reason":"OOMKilled"', `"reason":"OOMKilled","message":"${evil}"`);
  await writeFile(join(hostile, 'pods.ndjson'), spoilt);
  const api = await startRecorded(hostile);
  const kubeconfig = join(folder, 'hostile.yaml');
  await writeFile(kubeconfig, api.kubeconfig);

  const shown = await runHere(['scan', '--kubeconfig', kubeconfig]);
  const json = await runHere(['scan', '--kubeconfig', kubeconfig, '--json']);
  await api.close();

  expect([shown.code, json.code]).toEqual([0, 0]);
  expect(shown.out).toContain('Pod/web app [2J 31m');
  for (const { out, err } of [shown, json]) expect(out + err).not.toMatch(rawCharacters);
  expect(linesOf(json)[0]?.container).toBe('app\u001b[2J\u009b31m\u202e');
});

test('nothing in this file was asked that the pretend cluster does not cover', () => {
  expect(complaints).toEqual([]);
});
