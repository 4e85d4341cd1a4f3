import type { Checkpoint } from './resume-point.ts';

/** Where checkpoints are kept, by the name of a stream. */
export interface Checkpoints {
  readonly read: (stream: string) => Promise<Checkpoint | null>;
  readonly write: (stream: string, checkpoint: Checkpoint) => Promise<void>;
  /** The same where one was written before; `lost`: it is gone, and nothing is written. */
  readonly move: (stream: string, checkpoint: Checkpoint) => Promise<'moved' | 'lost'>;
}

export interface CheckpointWriterOptions {
  readonly checkpoints: Pick<Checkpoints, 'write' | 'move'>;
  readonly stream: string;
  /** Whether there is a checkpoint of this stream. */
  readonly isWritten: boolean;
  /** Resolves when all that was detected so far is in the queue, or given back because `signal` was aborted. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onLost: () => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * Writes how far a stream has come, without anybody waiting for it: the first point at once, then the latest one, at most
 * once in `paceMs`. A point is taken when all that was detected by then is in the queue: what was decided while its line
 * waited is pending no more. Then it may be written at any time; one that is written late, or never, only lets the next
 * start read some lines twice. A point that could not be written is forgotten: the next one is not far.
 */
export interface CheckpointWriter {
  readonly reach: (checkpoint: Checkpoint) => void;
  /** Writes the last point, if `isWanted`, and nothing afterwards. Never rejects. */
  readonly end: (isWanted: boolean) => Promise<void>;
}

const paceMs = 1_000;

export function createCheckpointWriter(options: CheckpointWriterOptions): CheckpointWriter {
  const { checkpoints, stream, settle, signal, onLost, onFailed } = options;
  let { isWritten } = options;
  let latest: Checkpoint | null = null;
  let writing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let [isOver, isLost] = [false, false];

  async function write(checkpoint: Checkpoint): Promise<void> {
    try {
      if (!isWritten) await checkpoints.write(stream, checkpoint);
      else if ((await checkpoints.move(stream, checkpoint)) === 'lost') {
        [isOver, isLost] = [true, true];
        return onLost();
      }
      isWritten = true;
    } catch (error) {
      onFailed(error);
    }
  }

  async function take(checkpoint: Checkpoint): Promise<void> {
    await settle();
    if (signal.aborted) return;
    latest = checkpoint;
    writeLatest();
  }

  function writeLatest(): void {
    if (latest === null || isOver || writing !== null || timer !== null) return;
    const checkpoint = latest;
    latest = null;
    timer = setTimeout(() => {
      timer = null;
      writeLatest();
    }, paceMs);
    writing = write(checkpoint).finally(() => {
      writing = null;
      writeLatest();
    });
  }

  return {
    reach: (checkpoint) => void take(checkpoint),
    end: async (isWanted) => {
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      await writing;
      if (isWanted && !isLost && latest !== null) await write(latest);
    },
  };
}
