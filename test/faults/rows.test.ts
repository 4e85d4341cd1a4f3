import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheRoot } from '../../scripts/project.mjs';
import { isLongWanted, tooLong } from '../long.ts';
import { createFaultSystems } from './fault-systems.ts';
import type { FaultRow } from './row.ts';
import { faultRows } from './rows.ts';
import { crashLoop } from './rows/crash-loop.ts';
import { workerKilled } from './rows/killed.ts';
import { storm } from './rows/storm.ts';
import { runRow } from './run-row.ts';

/** What every `npm test` plays, too. */
const everyTime = [workerKilled];
const rows = isLongWanted ? faultRows : everyTime;
/**
 * A thousand kills at once keep this process, in which the pretend worlds are, from all other rows; and a day in seconds
 * passes only while the machine keeps up with it, which beside other rows it hardly ever does.
 */
const alone = [storm, crashLoop];

/** Most of what a row costs are its systems. */
const incidents = 3;
const seed = 11;
/** Only for what hangs: a row that does not get on ends before that, and says what was lost (run-row.ts). */
const timeout = 600_000;

const systems = createFaultSystems(rows);
/** What the processes and the simulators wrote in a row that was red stays there. */
const out = join(cacheRoot, 'faults', 'tested');
beforeAll(() => rm(out, { recursive: true, force: true }));
afterAll(systems.stop);

describe('no incident is lost, double or miscounted', { timeout }, () => {
  // At the same time: most of a row is waiting.
  test.for(rows.filter((row) => !alone.includes(row)))(
    'when $about ($name)',
    { concurrent: isLongWanted },
    isAccountedFor,
  );
  test.for(rows.filter((row) => alone.includes(row)))('alone, when $about ($name)', isAccountedFor);

  test('the other faults', ({ skip }) => {
    if (rows.length < faultRows.length) skip(tooLong);

    expect(rows).toEqual(expect.arrayContaining(everyTime));
  });
});

async function isAccountedFor(row: FaultRow): Promise<void> {
  const said: string[] = [];

  const report = await runRow(row, { incidents, seed, out, say: (text) => said.push(text) }, systems);

  const { injected, lost, duplicates, logs } = report;
  expect({ lost, duplicates, said }).toEqual({ lost: 0, duplicates: 0, said });
  expect(injected).toBeGreaterThan(0);
  expect((await readdir(logs)).toSorted()).toEqual(['kills.ndjson', 'kubernetes.ndjson', 'slack.ndjson']);
  expect(await readFile(join(logs, 'slack.ndjson'), 'utf8')).toContain('chat.postMessage');
  await rm(logs, { recursive: true });
}
