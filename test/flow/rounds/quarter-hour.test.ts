import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { projectRoot } from '../../../scripts/project.mjs';
import { causes } from '../../../src/core/diagnose/diagnosis.ts';
import { formatBytes } from '../../../src/core/units/quantity.ts';
import { playRound } from './play-round.ts';
import type { Explanation, Round } from './play-round.ts';

/*
 * A quarter of an hour of a real cluster with its Prometheus (Kubernetes 1.36, nine workloads, 49 kernel kills), played
 * through the worker's own path. OOMKEEPER_TEST_TABLE=1 prints what it says.
 */

const directory = join(projectRoot, 'test/recordings/rounds/quarter-hour');

const truthSchema = z.object({
  verdicts: z.array(
    z.object({
      workload: z.string(),
      container: z.string(),
      verdict: z.enum(causes).nullable(),
      alsoAcceptable: z.array(z.enum(causes)),
      needBytes: z.number().nullable(),
      kills: z.array(z.object({ at: z.string(), containerId: z.string() })),
    }),
  ),
});
const truth = truthSchema.parse(
  JSON.parse(gunzipSync(readFileSync(join(directory, 'truth.json.gz'))).toString('utf8')),
).verdicts;
type Truth = (typeof truth)[number];

const killed = truth.filter(({ kills }) => kills.length > 0);
const truthOf = ({ workload, container }: Pick<Explanation, 'workload' | 'container'>): Truth | undefined =>
  killed.find((one) => one.workload === workload && one.container === container);

/** How long after a kill was seen it is explained: as soon as a worker does it, and when its samples have arrived. */
const moments = [
  { words: 'at once', ms: 60 },
  { words: 'a minute later', ms: 60_000 },
] as const;

const kills = ['first', 'second', 'last'] as const;

interface Row {
  /** Without its moment. */
  readonly name: string;
  readonly moment: string;
  readonly explanation: Explanation | undefined;
  readonly is: 'right' | 'open' | 'wrong';
  /** Whether the limit that is proposed as the fix is smaller than what the workload needs. */
  readonly isTooSmall: boolean;
}

let round: Round;
let rows: readonly Row[];

beforeAll(async () => {
  const asked: { workload: string; which: (typeof kills)[number]; words: string; at: number }[] = [];
  round = await playRound(directory, (kill, nth) => {
    const { workload, container } = kill.subject;
    const named = { workload: `${workload.kind}/${workload.name}`, container };
    const of = truthOf(named);
    if (of === undefined) return [0];
    const which = nth === 1 ? 'first' : nth === of.kills.length ? 'last' : nth === 2 ? 'second' : null;
    if (which === null) return [];
    for (const { words, ms } of moments) asked.push({ workload: named.workload, which, words, at: kill.seenAt + ms });
    return moments.map(({ ms }) => ms);
  });
  rows = asked.map(({ workload, which, words, at }) => {
    const explanation = round.explanations.find((one) => one.workload === workload && one.at >= at);
    return {
      name: `${workload.split('/')[1]}, ${which} kill`,
      moment: words,
      explanation,
      is: judge(explanation, which),
      isTooSmall: isTooSmall(explanation),
    };
  });
  if (process.env['OOMKEEPER_TEST_TABLE'] === '1') process.stdout.write(`${tableOf(rows)}\n`);
}, 120_000);

/** After the first kill nobody can be blamed for saying that it is open. */
function judge(explanation: Explanation | undefined, which: (typeof kills)[number]): Row['is'] {
  const of = explanation && truthOf(explanation);
  const cause = explanation?.diagnosis.hypotheses[0]?.cause;
  if (of === undefined || cause === undefined) return 'wrong';
  if (cause === of.verdict) return 'right';
  const mayBeOpen = which === 'first' && cause === 'inconclusive';
  return mayBeOpen || of.alsoAcceptable.includes(cause) ? 'open' : 'wrong';
}

function isTooSmall(explanation: Explanation | undefined): boolean {
  const fix = explanation?.recommendation.fix;
  const needBytes = (explanation && truthOf(explanation)?.needBytes) ?? null;
  return needBytes !== null && fix?.kind === 'raise-limit' && fix.limitBytes < needBytes;
}

function tableOf(all: readonly Row[]): string {
  const lines = all
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, moment, is, isTooSmall: small, explanation }) => {
      const { hypotheses = [] } = explanation?.diagnosis ?? {};
      const { fix, mitigation } = explanation?.recommendation ?? {};
      const size = [fix, mitigation].flatMap((one) =>
        one && 'limitBytes' in one ? [formatBytes(one.limitBytes)] : [],
      );
      const [first, second] = hypotheses.map(({ cause, confidence }) => `${cause} ${Math.round(confidence * 100)} %`);
      const cells = [
        is.padEnd(5),
        `${name}, ${moment}`.padEnd(42),
        String(first).padEnd(20),
        String(second).padEnd(20),
      ];
      return `${cells.join(' ')} ${fix?.kind} ${size.join('/')}${small ? ' (too small)' : ''}: ${hypotheses[0]?.sentence}`;
    });
  const sums = (['right', 'open', 'wrong'] as const).map(
    (one) => `${all.filter(({ is }) => is === one).length} ${one}`,
  );
  return `${lines.join('\n')}\n${sums.join(', ')}`;
}

test('every kernel kill is seen once, and nobody else is named', () => {
  const seen = Map.groupBy(
    round.kills,
    ({ subject }) => `${subject.workload.kind}/${subject.workload.name}/${subject.container}`,
  );
  const counts = Object.fromEntries([...seen].map(([of, all]) => [of, all.length]));
  expect(counts).toEqual(
    Object.fromEntries(killed.map(({ workload, container, kills: of }) => [`${workload}/${container}`, of.length])),
  );
});

test('each verdict is right, or open where nobody can know', () => {
  const wrong = rows.filter(({ is }) => is === 'wrong');

  expect(wrong.map(({ name, moment, explanation }) => `${name}, ${moment}: ${sentenceOf(explanation)}`)).toEqual([]);
});

test('each limit that is proposed as the fix is enough', () => {
  const small = rows.filter((row) => row.isTooSmall);

  expect(small.map(({ name, moment }) => `${name}, ${moment}`)).toEqual([]);
});

test('the log that is shown is that of the killed run', () => {
  const wrong = round.explanations.flatMap(({ workload, kill, findings: { log } }) => {
    const times = log.found ? log.value.lines.map((line) => Date.parse(line.split(' ', 1)[0] ?? '')) : [];
    const [from, to] = [kill.startedAt, kill.finishedAt].map((time) => Date.parse(time ?? ''));
    // A process of a run that goes on has no end, and ends have whole seconds.
    const isIn = (t: number): boolean => !(t < (from ?? 0)) && !(t > (to ?? Infinity) + 1_000);
    return times.every(isIn) ? [] : [`${workload} at ${new Date(kill.seenAt).toISOString()}`];
  });

  expect(wrong).toEqual([]);
  expect(round.explanations.filter(({ findings }) => findings.log.found).length).toBeGreaterThan(40);
});

test('the usage of a container that outlives the kills of its processes is shown until now', () => {
  const last = round.explanations.findLast(({ workload }) => workload === 'Deployment/worker');
  const samples = last?.findings.usage.found ? (last.findings.usage.value.runs[0]?.samples ?? []) : [];

  expect(samples.length).toBeGreaterThan(40);
  // The recording ends a minute before the last explanation.
  expect((last?.at ?? 0) - (samples.at(-1)?.t ?? 0)).toBeLessThan(75_000);
});

function sentenceOf(explanation: Explanation | undefined): string {
  return explanation?.diagnosis.hypotheses[0]?.sentence ?? 'no verdict';
}
