import { findOwnAnnotations, removeOwnAnnotation } from '../../adapters/kubernetes/write/own-annotations.ts';
import type { Annotated } from '../../adapters/kubernetes/write/own-annotations.ts';
import type { Transport } from '../../adapters/kubernetes/transport/transport.ts';
import { Failure } from '../../core/failure.ts';
import { readOnly } from '../config/config.ts';
import { startProgress } from '../command-line/progress.ts';
import { reachCluster } from '../command-line/reach-cluster.ts';
import { refuseUnknown } from '../command-line/refuse-unknown.ts';
import { jsonLine } from '../command-line/terminal-text.ts';
import { cleanOptions } from './clean-options.ts';
import { cleanJson, cleanText } from './clean-text.ts';
import type { Cleaned } from './clean-text.ts';

/**
 * `oomkeeper clean`: takes what Oomkeeper has annotated off the objects of a cluster again, by the rights of whoever
 * types it. Without `--yes` it reads only. Returns the exit code. @throws Failure
 */
export async function cleanCommand(args: readonly string[]): Promise<number> {
  const { json, yes, ...options } = cleanOptions(args);
  const config = readOnly(['KUBECONFIG', 'OOMKEEPER_CLUSTER', 'OOMKEEPER_NAMESPACES']);
  const { transport, namespaces } = await reachCluster(config, options);
  const progress = startProgress(process.stderr);
  try {
    progress.say(`looking through ${transport.server}`);
    await refuseUnknown(transport, namespaces);
    const found = await findOwnAnnotations(transport, namespaces);
    const cleaned = yes ? await cleanEach(transport, found.objects, progress.say) : null;
    progress.end();
    process.stdout.write(json ? cleanJson(found, cleaned).map(jsonLine).join('') : cleanText(found, cleaned));
    const isWhole = found.unread.length === 0 && (cleaned ?? []).every(({ problem }) => problem === null);
    return isWhole ? 0 : 1;
  } finally {
    progress.end();
  }
}

/** One after the other: nobody waits for it, and the API server has others. */
async function cleanEach(
  transport: Transport,
  objects: readonly Annotated[],
  say: (text: string) => void,
): Promise<readonly Cleaned[]> {
  const cleaned: Cleaned[] = [];
  for (const object of objects) {
    say(`${cleaned.length} of ${objects.length} objects`);
    cleaned.push({ object, problem: await problemOf(removeOwnAnnotation(transport, object)) });
  }
  return cleaned;
}

async function problemOf(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  }
}
