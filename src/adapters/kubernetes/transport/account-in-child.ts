import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { credentialsSchema } from './credentials.ts';
import type { Account } from './credentials.ts';
import { loadKubeconfig } from './kubeconfig.ts';

/* This file is also the program of the child, which writes one line of JSON and ends. */

const answerSchema = z.union([
  z.strictObject({ refused: z.string() }),
  z.strictObject({
    server: z.string(),
    proxyUrl: z.string().nullable(),
    files: z.array(z.string()).readonly(),
    contents: z.string(),
    isFixed: z.boolean(),
    /** Only of those that are fixed; a string says why they could not be read. */
    credentials: z.union([credentialsSchema, z.string()]).nullable(),
  }),
]);
type Answer = z.output<typeof answerSchema>;

const program = fileURLToPath(import.meta.url);
const usualPatienceMs = 30_000;
/** The child shares its parent's memory limit: with these flags it takes 60 MB for a second instead of 80. */
const frugal = ['--max-semi-space-size=1', '--max-old-space-size=64'];
const run = promisify(execFile);

/**
 * As `loadKubeconfig`, for a process that is to stay small: the library's memory is freed when the child ends.
 * The library is loaded in this process only for a plugin or provider whose credentials expire. A child that does not
 * answer within `patienceMs` is asked for once more, with the usual patience.
 * @throws Failure('no-kubeconfig'), and 'cluster-credentials' where the child cannot be run
 */
export async function loadAccountInChild(
  kubeconfig: string,
  root: string,
  patienceMs: number = usualPatienceMs,
): Promise<Account> {
  const answer = await ask(kubeconfig, root, patienceMs);
  if ('refused' in answer) throw new Failure('no-kubeconfig', answer.refused);
  const { credentials, ...account } = answer;
  if (credentials === null) return loadKubeconfig(kubeconfig, root);
  return {
    ...account,
    credentials: () =>
      typeof credentials === 'string' ? Promise.reject(new Error(credentials)) : Promise.resolve(credentials),
  };
}

async function ask(kubeconfig: string, root: string, patienceMs: number, isLast = false): Promise<Answer> {
  try {
    const { stdout } = await run(process.execPath, [...frugal, program, kubeconfig, root], {
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    });
    return answerSchema.parse(JSON.parse(stdout));
  } catch (cause) {
    // A machine that was paused wakes up to a time-out that the child never had.
    const isTimeOut = cause instanceof Error && 'killed' in cause && cause.killed === true;
    if (isTimeOut && !isLast) return ask(kubeconfig, root, usualPatienceMs, true);
    // An error with what the child wrote, keys and tokens, would be logged.
    if (cause instanceof Error) Reflect.deleteProperty(cause, 'stdout');
    throw new Failure('cluster-credentials', 'The process that reads the kubeconfig failed.', {
      retry: 'backoff',
      cause,
    });
  }
}

async function answerFor(kubeconfig: string, root: string): Promise<Answer> {
  try {
    const { credentials, ...account } = await loadKubeconfig(kubeconfig, root);
    return { ...account, credentials: account.isFixed ? await credentials().catch(wordsOf) : null };
  } catch (error) {
    if (error instanceof Failure) return { refused: error.message };
    throw error;
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

if (import.meta.main) {
  const [kubeconfig = '', root = ''] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await answerFor(kubeconfig, root)));
}
