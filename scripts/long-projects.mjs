/** Projects of vitest.config.ts that no `npm test` has by itself: the store and the queues over more than one Redis. */
export const longProjects = ['sentinel', 'cluster', 'valkey'];
