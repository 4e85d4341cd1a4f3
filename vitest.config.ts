import { defineConfig } from 'vitest/config';
import { valkeyHere } from './test/topologies/valkey.ts';

/** What is said of one Redis has to hold of Redis as several processes, too. */
const suites = ['store', 'admission', 'counts', 'postings', 'queues', 'questions', 'samples'].map(
  (name) => `test/flow/store/${name}.test.ts`,
);
const topologies = ['sentinel', 'cluster', 'valkey'].map((name) => ({
  test: {
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
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'], testTimeout: 10_000 } },
      { test: { name: 'flow', include: ['test/flow/**/*.test.ts'], testTimeout: 20_000 } },
      ...topologies,
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts', 'test/faults/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
