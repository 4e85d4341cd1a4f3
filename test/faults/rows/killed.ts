import type { ProcessName } from '../../../scripts/system.ts';
import { cutAt } from '../at-moment.ts';
import type { FaultRow, Stage } from '../row.ts';

/** Writes to Redis from a job's arrival to its end, and some more of what follows. */
const places = 20;

export const watcherKilled: FaultRow = {
  name: 'watcher-killed',
  about: 'the watcher gets SIGKILL at random moments',
  inject: ({ system, nowAndThen }) => nowAndThen(() => system.crash('watcher')),
};

export const workerKilled: FaultRow = {
  name: 'worker-killed',
  about: 'the worker gets SIGKILL at each place where it awaits something, from the arrival of a kill on',
  inject: (stage) => killedAtEachPlace(stage, 'worker', /"fingerprint"/),
};

export const botKilled: FaultRow = {
  name: 'bot-killed',
  about:
    'the bot gets SIGKILL at each place where it awaits something, from the hint that there is something to say on',
  inject: (stage) => killedAtEachPlace(stage, 'bot', /"incident":"INC-/),
};

/** Of few incidents only some places are met: chance decides where it begins. */
async function killedAtEachPlace(
  { system, random, nowAndThen, orMissed }: Stage,
  name: ProcessName,
  from: RegExp,
): Promise<number> {
  const first = Math.floor(random() * places);
  const proxy = system.redisOf(name);
  return nowAndThen(async (nth) => {
    const when = nth % 2 === 0 ? 'before' : 'after';
    const moment = await orMissed(cutAt(proxy, { from, nth: 1 + ((first + nth * 7) % places), when }));
    // NOTE: the process is dead before its way to Redis is open again.
    const crashing = moment === 'reached' ? system.crash(name) : undefined;
    proxy.intercept(null);
    await crashing;
    return moment;
  });
}
