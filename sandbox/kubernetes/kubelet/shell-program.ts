import type { MemoryProgram } from './program.ts';
import type { ContainerSpec } from './spec.ts';

/** What a shell needs that does nothing. */
const shellBytes = 2 ** 20;
/** How long `dd` takes for one block. */
const blockMs = 40;

/**
 * What a container asks for whose command says so by itself, as far as anybody uses that here: a shell that may sleep some
 * seconds and then has `dd` fill one block of so many MiB. Undefined for any other command.
 */
export function shellProgram({ command, args }: ContainerSpec): MemoryProgram | undefined {
  const words = [...command, ...args].join(' ');
  const block = /\bdd if=\/dev\/zero of=\/dev\/null bs=(\d+)M\b/.exec(words)?.[1];
  if (block === undefined) return undefined;
  const sleepMs = Number(/\bsleep (\d+)\b/.exec(words)?.[1] ?? 0) * 1000;
  return {
    points: [
      { at: 0, bytes: shellBytes },
      { at: sleepMs, bytes: shellBytes },
      { at: sleepMs + blockMs, bytes: shellBytes + Number(block) * 2 ** 20 },
    ],
  };
}
