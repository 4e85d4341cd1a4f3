import type { Readable } from 'node:stream';
import { Failure } from '../../../core/failure.ts';
import type { Turns } from '../../../core/turns.ts';

export interface Reading {
  readonly mostBytes: number;
  /** Answers beyond `largeBytes` take turns, since each is in memory several times until it is parsed. */
  readonly turns: Turns;
  readonly signal: AbortSignal;
}

const largeBytes = 2 ** 20;

/**
 * The rest of an answer, and what to call when it is parsed.
 * @throws Failure('cluster-answer-long') when it is longer than that
 */
export async function textOf(
  response: Readable,
  { mostBytes, turns, signal }: Reading,
): Promise<{ readonly text: string; readonly done: () => void }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let done: (() => void) | null = null;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw tooLong(mostBytes);
      if (bytes > largeBytes) done ??= await turns.take(signal);
      chunks.push(chunk);
    }
    return { text: Buffer.concat(chunks).toString('utf8'), done: done ?? (() => undefined) };
  } catch (error) {
    done?.();
    throw error;
  }
}

/** `cluster-answer-long`: less has to be asked for. */
export function tooLong(mostBytes: number): Failure {
  return new Failure('cluster-answer-long', `The API server's answer is longer than ${mostBytes / 2 ** 20} MiB.`, {
    retry: 'backoff',
  });
}
