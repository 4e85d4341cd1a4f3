import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createFaultSystems } from './fault-systems.ts';
import { faultRows } from './rows.ts';
import { runRow } from './run-row.ts';

/** Most of what a row costs are its systems. */
const incidents = 3;
const seed = 11;

const systems = createFaultSystems(faultRows);
let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'oomkeeper-faults-'));
});
afterAll(async () => {
  await systems.stop();
  await rm(out, { recursive: true, force: true });
});

// At the same time: most of a row is waiting.
describe.concurrent('no incident is lost, double or miscounted', () => {
  test.for(faultRows)('when $about ($name)', async (row, { expect }) => {
    const said: string[] = [];

    const report = await runRow(row, { incidents, seed, out, say: (text) => said.push(text) }, systems);

    const { injected, lost, duplicates, logs } = report;
    expect({ lost, duplicates, said }).toEqual({ lost: 0, duplicates: 0, said });
    expect(injected).toBeGreaterThan(0);
    expect((await readdir(logs)).toSorted()).toEqual(['kills.ndjson', 'kubernetes.ndjson', 'slack.ndjson']);
    expect(await readFile(join(logs, 'slack.ndjson'), 'utf8')).toContain('chat.postMessage');
  });
});
