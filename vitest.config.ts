import { defineConfig } from 'vitest/config';
import { valkeyHere } from './test/topologies/valkey.ts';

const shared = {
  // Files that run in one process share what they import: to import it anew cost more than all tests of most files.
  isolate: false,
  // What is awaited comes when the machine has time for it, which on a busy one is not within vitest's second.
  expect: { poll: { timeout: 5_000 } },
};

/** What is said of one Redis has to hold of Redis as several processes, too. */
const suites = ['store', 'admission', 'counts', 'postings', 'queues', 'questions', 'samples'].map(
  (name) => `test/flow/store/${name}.test.ts`,
);
const topologies = ['sentinel', 'cluster', 'valkey'].map((name) => ({
  test: {
    ...shared,
    name,
    include: [
      ...(name === 'valkey' && typeof valkeyHere() === 'string' ? [] : suites),
      `test/topologies/${name}.test.ts`,
    ],
    globalSetup: 'test/topologies/setup.ts',
    testTimeout: 20_000,
  },
}));

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: 10_000,
        },
      },
      { test: { ...shared, name: 'flow', include: ['test/flow/**/*.test.ts'], testTimeout: 20_000 } },
      ...topologies,
      { test: { ...shared, name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          ...shared,
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts', 'test/faults/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
