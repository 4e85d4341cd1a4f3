import { writeSync } from 'node:fs';
import { blockedMs, blocking, clockSettings, settingClock } from './signals.ts';

/*
 * Runs within a process of a system, before everything else (NODE_OPTIONS=--import), and does what nobody can do to it from
 * outside:
 *
 *   blocking      its event loop stands still, as in a computation that does not end. Unlike a process that is stopped it
 *                 lives, its sockets take what comes, and its timers are all late at once.
 *   settingClock  its wall clock is set; the monotonic clock and timers go on
 */
let aheadMs = 0;
let times = 0;
const RightDate = Date;

class WrongDate extends RightDate {
  constructor(...parts: [] | [number | string | Date]) {
    if (parts.length === 0) super(WrongDate.now());
    else super(...parts);
  }
  static override now(): number {
    return RightDate.now() + aheadMs;
  }
}
Object.defineProperty(globalThis, 'Date', { value: WrongDate, configurable: true, writable: true });

const say = (words: string): void => {
  writeSync(process.stderr.fd, `${words}\n`);
};

process.on(blocking.signal, () => {
  const over = performance.now() + blockedMs;
  while (performance.now() < over);
  say(blocking.words);
});
process.on(settingClock.signal, () => {
  aheadMs = clockSettings[times % clockSettings.length] ?? 0;
  times += 1;
  say(settingClock.words);
});
