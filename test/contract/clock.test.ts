import { createServer, type Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { awaitProcess } from '../../sandbox/await-process.ts';
import { createClock, virtualNow, type RunningClock } from '../../sandbox/clock.ts';
import { listen } from '../../sandbox/listen.ts';
import { eventually } from '../eventually.ts';

const speed = 60;
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

describe('compressed time', () => {
  test('stands still while the event loop does not run, and what was due in it comes later', async () => {
    const clock = running(speed);
    const before = virtualNow(clock);
    let came = Infinity;
    clock.after(200 * speed, () => {
      came = virtualNow(clock) - before;
    });

    block(400);
    const passed = virtualNow(clock) - before;
    await delay(1);

    expect(passed).toBeLessThan(50 * speed);
    expect(came).toBe(Infinity);
    await clock.wait(250 * speed);
    expect(came).toBeGreaterThanOrEqual(199 * speed);
  });

  test('stands still while a process is late, until it answers', async () => {
    const clock = running(speed);
    const { before, during, answerAll } = await eventually(async () => {
      const process = await lateProcess();
      const askedAt = performance.now();
      stops.push(awaitProcess(clock, process.url));
      await delay(60);
      const began = clock.monotonic();
      await delay(300);
      const passed = clock.monotonic() - began;
      // Whoever is late for a second is not waited for, and this process may have been late itself.
      expect(performance.now() - askedAt).toBeLessThan(1_000);
      return { before: began, during: passed, answerAll: process.answerAll };
    });

    answerAll();
    await clock.wait(30 * speed);

    expect(during).toBeLessThan(50);
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(29);
  });

  test('waits for no process that is stuck or gone', async () => {
    const clock = running(speed);
    const { url, server } = await lateProcess();
    stops.push(awaitProcess(clock, url));

    await delay(1_050);
    const before = clock.monotonic();
    await clock.wait(100 * speed);
    server.closeAllConnections();
    await clock.wait(100 * speed);

    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(198);
  });
});

test('at real speed time waits for nobody', () => {
  const clock = running(1);
  clock.standStillWhile(() => true);
  const before = clock.monotonic();

  block(100);

  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(100);
});

function running(itsSpeed: number): RunningClock {
  const clock = createClock(itsSpeed);
  stops.push(clock.stop);
  return clock;
}

function block(ms: number): void {
  for (const over = performance.now() + ms; performance.now() < over;);
}

/** What takes requests and answers none of them until it is told to. */
async function lateProcess(): Promise<{
  readonly url: string;
  readonly server: Server;
  readonly answerAll: () => void;
}> {
  const waiting: (() => void)[] = [];
  let late = true;
  const server = createServer((_request, response) => {
    if (late) waiting.push(() => response.end());
    else response.end();
  });
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  return {
    url,
    server,
    answerAll: () => {
      late = false;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}
