import { setTimeout as delay } from 'node:timers/promises';
import { strikeAt } from '../at-moment.ts';
import type { FaultRow } from '../row.ts';

/** Longer than a lock lasts and until somebody looks for jobs without one. */
const frozenMs = 3_500;
const places = 12;
const kinds = [
  { name: 'worker', from: /"fingerprint"/ },
  { name: 'bot', from: /"incident":"INC-/ },
] as const;

export const frozen: FaultRow = {
  name: 'frozen',
  about: 'worker or bot stand still in the middle of a job for longer than their lock; another one goes on meanwhile',
  beside: ['worker', 'bot'],
  inject: async ({ system, random, nowAndThen, orMissed }) => {
    const first = Math.floor(random() * places);
    return nowAndThen(async (nth) => {
      const { name, from } = kinds[nth % kinds.length] ?? kinds[0];
      const { pid } = system.process(name);
      const proxy = system.redisOf(name);
      const at = { from, nth: 1 + ((first + nth * 5) % places) };
      const moment = await orMissed(strikeAt(proxy, at, () => process.kill(pid, 'SIGSTOP')));
      proxy.intercept(null);
      if (moment === 'missed') return moment;
      await delay(frozenMs);
      process.kill(pid, 'SIGCONT');
      return moment;
    });
  },
};
