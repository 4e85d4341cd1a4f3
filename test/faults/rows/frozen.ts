import { setTimeout as delay } from 'node:timers/promises';
import { strikeAt } from '../at-moment.ts';
import { saidTimes, untilSaid } from '../inside/said.ts';
import { blockedMs, blocking, heedingSignals } from '../inside/signals.ts';
import type { FaultRow, Stage } from '../row.ts';

const places = 12;
/** Of fewer incidents too little is written for the moment to come. */
const fewest = 5;
const kinds = [
  { name: 'worker', from: /"fingerprint"/ },
  { name: 'bot', from: /"incident":"INC-/ },
] as const;

export const frozen: FaultRow = {
  name: 'frozen',
  about: 'worker or bot stand still in the middle of a job for longer than their lock; another one goes on meanwhile',
  beside: ['worker', 'bot'],
  plan: (asked) => ({ incidents: Math.max(asked, fewest) }),
  inject: (stage) =>
    inTheMiddle(stage, 'SIGSTOP', async (pid) => {
      await delay(blockedMs);
      process.kill(pid, 'SIGCONT');
    }),
};

export const blocked: FaultRow = {
  name: 'blocked',
  about:
    'the event loop of worker or bot does not turn in the middle of a job for longer than their lock; another goes on',
  beside: ['worker', 'bot'],
  settings: heedingSignals,
  plan: (asked) => ({ incidents: Math.max(asked, fewest) }),
  inject: async (stage) => {
    const { system } = stage;
    const first = await saidTimes(system, blocking.words);
    let sent = 0;
    await inTheMiddle(stage, blocking.signal, async () => {
      sent += 1;
      await untilSaid(system, blocking.words, first + sent);
    });
    return sent;
  },
};

/** Sends a signal to worker or bot when they have just written to Redis; how often. */
async function inTheMiddle(
  { system, random, nowAndThen, orMissed }: Stage,
  signal: NodeJS.Signals,
  untilOver: (pid: number) => Promise<void>,
): Promise<number> {
  const first = Math.floor(random() * places);
  return nowAndThen(async (nth) => {
    const { name, from } = kinds[nth % kinds.length] ?? kinds[0];
    const { pid } = system.process(name);
    const proxy = system.redisOf(name);
    const at = { from, nth: 1 + ((first + nth * 5) % places) };
    const moment = await orMissed(strikeAt(proxy, at, () => process.kill(pid, signal)));
    proxy.intercept(null);
    if (moment === 'missed') return moment;
    await untilOver(pid);
    return moment;
  });
}
