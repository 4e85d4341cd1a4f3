import { once } from 'node:events';
import { createLog } from '../../../src/adapters/telemetry/log.ts';
import { runUntilSignal } from '../../../src/app/lifecycle.ts';
import type { Lifecycle } from '../../../src/app/lifecycle.ts';

/*
 * A process for lifecycle.test.ts; its argument says how its start goes. Every line of its log is one JSON object.
 */
const log = createLog({ level: 'info', secrets: [], base: {} });

function part(name: string, stop: () => Promise<void> = () => Promise.resolve()) {
  return {
    name,
    stop: () => {
      log.info({ name }, 'part stopped');
      return stop();
    },
  };
}

const starts: Readonly<Record<string, (lifecycle: Lifecycle) => Promise<void>>> = {
  well: (lifecycle) => {
    const alive = setInterval(() => undefined, 1000);
    lifecycle.add(part('first', () => Promise.resolve(clearInterval(alive))));
    lifecycle.add(part('second', () => Promise.reject(new Error('it is stuck'))));
    lifecycle.add(part('third'));
    return Promise.resolve();
  },
  'fails at the start': (lifecycle) => {
    lifecycle.add(part('first'));
    return Promise.reject(new Error('no route'));
  },
  'fails later': (lifecycle) => {
    lifecycle.add(part('first'));
    setTimeout(() => lifecycle.fatal(new Error('invalid_auth')), 10);
    return Promise.resolve();
  },
  'leaves a rejection': (lifecycle) => {
    lifecycle.add(part('first'));
    setTimeout(() => void Promise.reject(new Error('nobody cares')), 10);
    return Promise.resolve();
  },
  // A start that waits for Redis, and has a connection that keeps the process alive.
  waits: async (lifecycle) => {
    setInterval(() => undefined, 1000);
    lifecycle.add(part('first'));
    await once(lifecycle.stopping, 'abort');
    lifecycle.add(part('late'));
    throw new Error('told to stop before Redis could be reached');
  },
  'hangs at the end': (lifecycle) => {
    setInterval(() => undefined, 1000);
    lifecycle.add(part('first', () => Promise.withResolvers<void>().promise));
    return Promise.resolve();
  },
};

const start = starts[process.argv[2] ?? ''];
if (!start) throw new Error('How is it to start?');
const running = runUntilSignal(start, log);
log.info('started');
process.exitCode = await running;
