import type { Report } from './report.ts';

export const sizes = ['small', 'default', 'full'] as const;
/** `small` only shows that it runs, `full` is for numbers that are written down. */
export type Size = (typeof sizes)[number];

/** What a benchmark is given by whoever runs it. */
export interface BenchContext {
  readonly size: Size;
  /** One line of progress for a person. */
  readonly say: (text: string) => void;
  /** What ends something that was started; called in reverse order when the benchmark is over or interrupted. */
  readonly onStop: (stop: () => Promise<void>) => void;
}

export interface Benchmark {
  readonly name: string;
  /** One line for the help. */
  readonly about: string;
  /** Throws where it could not do its work. */
  readonly run: (context: BenchContext) => Promise<Report>;
}
