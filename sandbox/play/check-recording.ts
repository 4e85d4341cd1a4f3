import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { lookUntil } from './look-until.ts';
import { threadRoots } from './threads.ts';
import type { WorldParts } from '../world-parts.ts';

const truthSchema = z.object({
  incidents: z.array(z.object({ workload: z.string(), container: z.string().nullable(), kills: z.number() })),
  needs: z.union([z.string(), z.array(z.string())]).optional(),
});

/** What became of one incident of the truth, or of one that nobody asked for (`expectedKills` 0). */
export interface RecordingRow {
  /** `KIND/NAME` */
  readonly workload: string;
  readonly container: string | null;
  readonly expectedKills: number;
  readonly kills: number;
  readonly threads: number;
  readonly ok: boolean;
}

export interface RecordingReport {
  readonly incidents: readonly RecordingRow[];
  /** What else than pods and events is needed to see it all; null where those are enough. */
  readonly needs: string | readonly string[] | null;
  readonly ok: boolean;
}

/** Ms of the clock. Settle: how long threads may take to look as the truth says. Quiet: nothing changed for so long. */
const usualPatience = { settleMs: 15_000, quietMs: 4_000 };

/** Plays the world's recording and compares the threads with the folder's `truth.json`. Throws where there is none. */
export async function checkRecording(
  { recording, slack }: Pick<WorldParts, 'recording' | 'slack'>,
  directory: string,
  // NOTE: quiet is longer than the wait for an Event that explains a 137.
  { settleMs, quietMs }: typeof usualPatience = usualPatience,
): Promise<RecordingReport> {
  if (recording === null) throw new Error('there is no recording, only the living cluster');
  const truth = truthSchema.parse(JSON.parse(await readFile(join(directory, 'truth.json'), 'utf8')));
  await recording.play();
  const { clock } = recording;
  let rows = compare(truth.incidents, slack);
  let since = clock.monotonic();
  await lookUntil(
    () => {
      const now = compare(truth.incidents, slack);
      if (!isDeepStrictEqual(now, rows)) since = clock.monotonic();
      rows = now;
      return rows.every(({ ok }) => ok) && clock.monotonic() - since > quietMs;
    },
    { clock, ms: settleMs },
  );
  return { incidents: rows, needs: truth.needs ?? null, ok: rows.every(({ ok }) => ok) };
}

function compare(
  wanted: z.infer<typeof truthSchema>['incidents'],
  slack: WorldParts['slack'],
): readonly RecordingRow[] {
  const roots = threadRoots(slack).map(({ subject, kills }) => ({ of: subject.split('/').slice(2).join('/'), kills }));
  const expected = new Map(
    wanted.map(({ workload, container, kills }) => [`${workload}/${container ?? '-'}`, { workload, container, kills }]),
  );
  const extra = [...new Set(roots.map(({ of }) => of))].filter((of) => !expected.has(of));
  return [...expected.keys(), ...extra].map((of) => {
    const own = roots.filter((root) => root.of === of);
    const [kind = '', name = '', container = '-'] = of.split('/');
    const expectedKills = expected.get(of)?.kills ?? 0;
    const kills = own.reduce((sum, root) => sum + root.kills, 0);
    return {
      workload: `${kind}/${name}`,
      container: container === '-' ? null : container,
      expectedKills,
      kills,
      threads: own.length,
      ok: own.length === 1 && kills === expectedKills,
    };
  });
}
