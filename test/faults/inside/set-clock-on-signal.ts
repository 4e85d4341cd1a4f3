import { writeSync } from 'node:fs';
import { movedWords, tenMinutesMs } from './words.ts';

/*
 * Runs within a process of the system, before everything else (NODE_OPTIONS=--import): at SIGUSR2 its wall clock is set, in
 * turn ten minutes ahead, right, ten minutes behind, and right again. The monotonic clock and timers go on.
 */
const settings = [tenMinutesMs, 0, -tenMinutesMs, 0];
let times = 0;
let aheadMs = 0;
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

process.on('SIGUSR2', () => {
  aheadMs = settings[times % settings.length] ?? 0;
  times += 1;
  writeSync(process.stderr.fd, `${movedWords}\n`);
});
