import { Failure } from '../../core/failure.ts';
import { wrongOption } from '../../core/talk/wrong-option.ts';

/** What `parseArgs` found wrong in the arguments of a command, and where its help is. */
export function wrongUsage(
  command: string,
  { args, options }: { readonly args: readonly string[]; readonly options: readonly string[] },
  error: unknown,
): Failure {
  return new Failure(
    'usage',
    `${wrongOption(args, options, error)} \`npm run -s oomkeeper -- ${command} --help\` lists what it takes.`,
    { cause: error },
  );
}
