import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { diagnose } from '../../../src/core/diagnose/diagnose.ts';
import { killAt, findingsOf, found, Mi, minute } from '../../fixtures/findings.ts';

/*
 * What Prometheus 2.42 and VictoriaMetrics 1.79 answered to the questions about one kill, so that the reading of it is
 * tested where neither is. test/contract/prometheus/real-usage.test.ts asks the servers themselves.
 */
const recordingSchema = z.strictObject({
  now: z.number(),
  killedAt: z.number(),
  answers: z.array(z.strictObject({ path: z.string(), query: z.string(), answer: z.json() })),
});

/** By what a question is known, whatever names and times are in it. */
const questions = ['max_over_time', 'last_over_time', 'start_time', 'packets', 'image=""', 'cpu_usage', '[a-z0-9]{5}'];
const kindOf = (query: string): string | undefined => questions.find((words) => query.includes(words));

test.each(['prometheus', 'victoria-metrics'])('the answers of %s give the run, its pod and its load', async (name) => {
  const path = join(import.meta.dirname, '../../recordings/prometheus', `ramp-by-${name}.json`);
  const { now, killedAt, answers } = recordingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const hex = /[0-9a-f]{64}/.exec(JSON.stringify(answers.find(({ query }) => kindOf(query) === 'cpu_usage')))?.[0];
  const pod = 'ramp-bbbbbbb-11111';
  const kill = killAt(killedAt, 24 * minute, { pod, containerId: `containerd://${hex}` });
  const replay: typeof globalThis.fetch = (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const kind = kindOf(url.searchParams.get('query') ?? '');
    const same = answers.find((one) => one.path === url.pathname && kindOf(one.query) === kind);
    return Promise.resolve(new Response(JSON.stringify(same?.answer ?? {}), { status: same ? 200 : 404 }));
  };
  const prometheus = createPrometheus({ url: 'http://recorded', deadlineMs: 60_000, now: () => now, fetch: replay });

  const from = now - 26 * minute;
  const usage = await prometheus.usage({
    namespace: 'shop',
    pod,
    container: 'app',
    pods: [],
    from,
    to: now,
    kills: [kill],
  });

  if (!usage.found) throw new Error(usage.reason);
  const { runs, pods, peaks, loadFrom, resolutionMs } = usage.value;
  expect(runs.map((run) => run.killedAt)).toEqual([killedAt, null]);
  expect(runs[0]?.samples.length).toBeGreaterThan(40);
  expect(runs[0]?.samples.at(-1)).toMatchObject({ cacheBytes: 2 * Mi, load: expect.any(Number) });
  expect(pods).toMatchObject([{ pod }]);
  expect(peaks?.length).toBeGreaterThan(0);
  expect(loadFrom?.isProxy).toBe(true);
  expect(resolutionMs).toBeGreaterThan(25_000);
  expect(usage.source).not.toContain('could not be read');
  const findings = { ...findingsOf([]), usage: found(usage.value) };
  expect(diagnose(findings, kill, [kill], now).hypotheses[0]?.cause).toBe('traffic-spike');
});
