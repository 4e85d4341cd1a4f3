import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { cacheRoot } from '../../scripts/project.mjs';
import { isLongWanted, tooLong } from '../long.ts';
import { createFaultSystems } from './fault-systems.ts';
import { faultRows } from './rows.ts';
import { workerKilled } from './rows/killed.ts';
import { redisRestarted } from './rows/redis.ts';
import { slackSilentAfterSuccess } from './rows/slack.ts';
import { runRow } from './run-row.ts';

/** A process, Redis and Slack, by one system after the other. */
const everyTime = [workerKilled, redisRestarted, slackSilentAfterSuccess];
const rows = isLongWanted ? faultRows : everyTime;

/** Most of what a row costs are its systems. */
const incidents = 3;
const seed = 11;

const systems = createFaultSystems(rows);
/** What the processes and the simulators wrote in a row that was red stays there. */
const out = join(cacheRoot, 'faults', 'tested');
beforeAll(() => rm(out, { recursive: true, force: true }));
afterAll(systems.stop);

// All of them at the same time: most of a row is waiting.
describe('no incident is lost, double or miscounted', { concurrent: isLongWanted }, () => {
  test.for(rows)('when $about ($name)', async (row, { expect }) => {
    const said: string[] = [];

    const report = await runRow(row, { incidents, seed, out, say: (text) => said.push(text) }, systems);

    const { injected, lost, duplicates, logs } = report;
    expect({ lost, duplicates, said }).toEqual({ lost: 0, duplicates: 0, said });
    expect(injected).toBeGreaterThan(0);
    expect((await readdir(logs)).toSorted()).toEqual(['kills.ndjson', 'kubernetes.ndjson', 'slack.ndjson']);
    expect(await readFile(join(logs, 'slack.ndjson'), 'utf8')).toContain('chat.postMessage');
    await rm(logs, { recursive: true });
  });

  test('the other faults', ({ expect, skip }) => {
    if (rows.length < faultRows.length) skip(tooLong);

    expect(rows).toEqual(expect.arrayContaining(everyTime));
  });
});
