import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { every } from '../../../src/app/every.ts';
import { eventually } from '../../eventually.ts';

/** Work that the test ends by hand. */
function heldWork() {
  const runs: PromiseWithResolvers<void>[] = [];
  const work = () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  };
  return { work, runs };
}

function ignore(): void {
  // The test does not look at errors.
}

test('the first run is at once, and no run begins before the last has ended', async () => {
  const { work, runs } = heldWork();
  const { stop } = every(1, work, ignore);
  onTestFinished(async () => {
    runs.at(-1)?.resolve();
    await stop();
  });

  const first = runs.length;
  await pause(20);
  const stillFirst = runs.length;
  runs[0]?.resolve();
  await eventually(() => expect(runs.length).toBe(2));

  expect([first, stillFirst]).toEqual([1, 1]);
});

test('stop waits for the run that is under way, and none follows', async () => {
  const { work, runs } = heldWork();
  const { stop } = every(1, work, ignore);
  let stopped = false;

  const stopping = stop().then(() => (stopped = true));
  await pause(20);
  const before = stopped;
  runs[0]?.resolve();
  await stopping;
  await pause(20);

  expect(before).toBe(false);
  expect(runs).toHaveLength(1);
});

test('stop between two runs ends it at once', async () => {
  const { work, runs } = heldWork();
  const { stop } = every(3_600_000, work, ignore);
  runs[0]?.resolve();

  await stop();

  expect(runs).toHaveLength(1);
});

test('a run that fails is told of, and the next one comes all the same', async () => {
  const errors: unknown[] = [];
  const failure = new Error('no route');
  const { stop } = every(
    1,
    () => Promise.reject(failure),
    (error) => errors.push(error),
  );
  onTestFinished(stop);

  await eventually(() => expect(errors.length).toBeGreaterThan(1));

  expect(errors[0]).toBe(failure);
});
