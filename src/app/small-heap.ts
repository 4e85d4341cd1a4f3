import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * For the watcher, whose garbage is mostly 16 KB buffers that are used for microseconds. In V8's default young space of
 * up to 16 MB they accumulate to tens of MB, cold in every cache; with 1 MB the same stream takes half of the CPU and
 * 60 MB less (docs/benchmarks.md). Call it before anything else is loaded: what has grown doesn't shrink.
 */
export function keepYoungSpaceSmall(): void {
  setFlagsFromString('--max-semi-space-size=1');
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Garbage of so many bytes is collected: docs/decisions/0044-what-a-watcher-weighs.md. */
const litterBytes = 2 ** 20;

/**
 * Collects buffers that were read, once there is 1 MiB of them. V8 does so by itself at 32 MiB, whatever the size of
 * its young space, because the bytes of a buffer lie outside of it; malloc then keeps what was once needed.
 */
export function createLitterCollector(collect = youngCollection()): (bytes: number) => void {
  let litter = 0;
  return (bytes) => {
    litter += bytes;
    if (litter < litterBytes) return;
    litter = 0;
    collect();
  };
}

/** V8's own function, which only a context that is made after this flag has. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  return typeof collect === 'function'
    ? () => void Reflect.apply(collect, undefined, [{ type: 'minor' }])
    : () => undefined;
}
