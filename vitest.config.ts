import { defineConfig } from 'vitest/config';

/** What is said of one Redis has to hold of Redis as several processes, too. */
const onEveryRedis = ['store', 'admission', 'counts', 'postings', 'queues', 'questions', 'samples'];
const topologies = ['sentinel', 'cluster'].map((name) => ({
  test: {
    name,
    include: [...onEveryRedis.map((one) => `test/flow/store/${one}.test.ts`), `test/topologies/${name}.test.ts`],
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
