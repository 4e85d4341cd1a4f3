import { replay } from './replay.ts';
import { replayOptions } from './replay-options.ts';

/** `oomkeeper replay …` on the standard streams of this process. */
export function replayCommand(args: readonly string[]): Promise<number> {
  return replay(replayOptions(args), process);
}
