import { Failure } from '../core/failure.ts';
import { nearest } from '../core/talk/edit-distance.ts';

/**
 * What `parseArgs` found wrong in the arguments of a command, as a sentence with the nearest of its options (`--json`)
 * and where its help is.
 */
export function wrongUsage(
  command: string,
  { args, options }: { readonly args: readonly string[]; readonly options: readonly string[] },
  error: unknown,
): Failure {
  const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  const unknown = args
    .map((argument) => argument.split('=')[0] ?? '')
    .find((argument) => argument.startsWith('--') && !options.includes(argument));
  const [close] = unknown === undefined ? [] : nearest(unknown, options, 1, 3);
  const meant = close === undefined ? '' : ` Did you mean ${close}?`;
  return new Failure(
    'usage',
    `${why.replace(/\.$/, '')}.${meant} \`oomkeeper ${command} --help\` lists what it takes.`,
    { cause: error },
  );
}
