/** One line that carries an invariant of docs/architecture.md, and the test that goes red without it. */
export interface Mutation {
  /** 1 to 6. */
  readonly invariant: number;
  /** What is broken, as a sentence. */
  readonly breaks: string;
  readonly file: string;
  /** Text that stands in `file` exactly once. */
  readonly line: string;
  readonly instead: string;
  /** A test file, and part of the name of the test in it. */
  readonly test: readonly [file: string, name: string];
}
