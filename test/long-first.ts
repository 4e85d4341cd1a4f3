import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { projectRoot } from '../scripts/project.mjs';

/**
 * What takes longest, the longest first (measured, each alone): begun last, the first of them alone would go on for a
 * minute after all others.
 */
export const long: readonly string[] = [
  'test/faults/rows.test.ts',
  'test/contract/bench.test.ts',
  'test/acceptance/demo-own-cluster.test.ts',
  'test/acceptance/slack-troubles.test.ts',
  'test/acceptance/journey.test.ts',
  'test/acceptance/least-rights.test.ts',
  'test/acceptance/least-rights-chart.test.ts',
  'test/acceptance/doctor/doctor.test.ts',
  'test/acceptance/approvals.test.ts',
  'test/acceptance/talk.test.ts',
  'test/acceptance/scan/scan.test.ts',
  'test/faults/one-write-each.test.ts',
  'test/faults/replaced.test.ts',
  'test/hostile/worker-memory.test.ts',
  'test/acceptance/doctor/broken-setups.test.ts',
  'test/flow/slack/chart.test.ts',
  'test/contract/kubernetes/recordings-watched.test.ts',
  'test/acceptance/traces.test.ts',
  'test/acceptance/storm.test.ts',
  'test/acceptance/slack-http.test.ts',
  'test/acceptance/production-install.test.ts',
  'test/contract/page/page.test.ts',
  'test/topologies/sentinel.test.ts',
  'test/contract/living-scenarios.test.ts',
  'test/acceptance/alarms.test.ts',
  'test/acceptance/recordings.test.ts',
];

/**
 * The order of test files. By itself vitest goes by how long each took last time, and in a fresh clone by its size, which
 * says nothing.
 */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = long.indexOf(relative(projectRoot, moduleId));
      return rank < 0 ? long.length : rank;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- it is the sequencer's, not an array's
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
