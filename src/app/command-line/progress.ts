import type { WriteStream } from 'node:tty';
import { processEnvironment } from '../config/config.ts';
import { shownLine } from './terminal-text.ts';

export interface Progress {
  /** What is being done now; `detail` says how far it is and may change while the step stays. */
  readonly say: (step: string, detail?: string) => void;
  /** Nothing is being done any more. May be called again. */
  readonly end: () => void;
}

export type ProgressOutput = Pick<WriteStream, 'write' | 'isTTY' | 'columns'>;

const frames = ['◒', '◐', '◓', '◑'];
const frameMs = 120;
const clearLine = '\r\u001b[K';

/**
 * A line that moves in a terminal and is gone at the end; elsewhere one line for each step, without redraw codes.
 * NOTE: the spinner of @clack/prompts is none for a command that asks nothing: it reads standard input (a `while read`
 * loop loses its lines), answers Ctrl-C with exit code 0, and stops a job in the background.
 */
export function startProgress(output: ProgressOutput): Progress {
  return output.isTTY && processEnvironment()['TERM'] !== 'dumb' ? moving(output) : plain(output);
}

function moving(output: ProgressOutput): Progress {
  let words = '';
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    // Two cells for the frame, and one that stays free: a full line would wrap and could not be cleared.
    const room = Math.max(1, (output.columns || 80) - 3);
    output.write(`${clearLine}${frames[frame % frames.length]} ${words.slice(0, room)}`);
    frame += 1;
  };
  return {
    say: (step, detail) => {
      words = shownLine(detail === undefined ? step : `${step}: ${detail}`);
      timer ??= setInterval(draw, frameMs).unref();
      draw();
    },
    end: () => {
      if (timer === undefined) return;
      clearInterval(timer);
      timer = undefined;
      output.write(clearLine);
    },
  };
}

function plain(output: ProgressOutput): Progress {
  let before = '';
  return {
    say: (step) => {
      if (step !== before) output.write(`${shownLine(step)}\n`);
      before = step;
    },
    end: () => undefined,
  };
}
