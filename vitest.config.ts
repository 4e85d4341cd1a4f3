import { defineConfig } from 'vitest/config';
import { longProjects } from './scripts/long-projects.mjs';
import { LongFirst } from './test/long-first.ts';
import { valkeyHere } from './test/topologies/valkey.ts';

const shared = {
  // Files that run in one process share what they import: to import it anew cost more than all tests of most files.
  isolate: false,
  // Only for what hangs. Whatever a test waits for ends before that, and says what was seen last: test/eventually.ts.
  testTimeout: 180_000,
  hookTimeout: 120_000,
};

/** What attacks one function must not need more than a process has in `deploy/kubernetes`. */
const hostileHeapMiB = 512;

/** What is said of one Redis has to hold of Redis as several processes, too. */
const suites = ['store', 'admission', 'counts', 'postings', 'queues', 'questions', 'samples'].map(
  (name) => `test/flow/store/${name}.test.ts`,
);
const topologies = longProjects.map((name) => ({
  test: {
    ...shared,
    name,
    include: [
      ...(name === 'valkey' && typeof valkeyHere() === 'string' ? [] : suites),
      `test/topologies/${name}.test.ts`,
    ],
    globalSetup: 'test/topologies/setup.ts',
  },
}));

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
        },
      },
      { test: { ...shared, name: 'flow', include: ['test/flow/**/*.test.ts'] } },
      ...topologies,
      {
        test: {
          ...shared,
          name: 'hostile',
          include: ['test/hostile/**/*.test.ts'],
          testTimeout: 60_000,
          execArgv: [`--max-old-space-size=${hostileHeapMiB}`],
        },
      },
      { test: { ...shared, name: 'contract', include: ['test/contract/**/*.test.ts'] } },
      { test: { ...shared, name: 'deploy', include: ['test/deploy/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts', 'test/faults/**/*.test.ts'],
          testTimeout: 240_000,
        },
      },
    ],
  },
});
