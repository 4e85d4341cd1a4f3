import { nearest } from './edit-distance.ts';

/**
 * What `parseArgs` found wrong in `args`, as one line, with the nearest of the `options` (each as it is typed, `--json`)
 * where one was mistyped.
 */
export function wrongOption(args: readonly string[], options: readonly string[], error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  // The parser explains at length how to pass a word that begins with a hyphen, which nobody wanted.
  const [why = ''] = line.split('. To specify');
  const unknown = args
    .map((argument) => argument.split('=')[0] ?? '')
    .find((argument) => argument.startsWith('--') && !options.includes(argument));
  const [close] = unknown === undefined ? [] : nearest(unknown, options, 1, 3);
  return `${why.replace(/\.$/, '')}.${close === undefined ? '' : ` Did you mean ${close}?`}`;
}
