import type { Answer } from '../../blocks/answer.ts';
import { type ClusterStatus, renderStatus } from '../../blocks/status.ts';
import { answerIn } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';

/** The condition of each cluster: what Redis knows, and what its worker says if it answers. */
export function answerStatus(deps: ListenerDeps, words: readonly string[]): Promise<Answer> {
  return answerIn(deps, words, async ({ scoped, unknown }) => {
    const statuses = await Promise.all(scoped.map(async ({ cluster }) => statusOf(deps, cluster)));
    return renderStatus({ clusters: statuses, unknown, now: deps.now() });
  });
}

async function statusOf(deps: ListenerDeps, cluster: Cluster): Promise<ClusterStatus> {
  const [condition, reply] = await Promise.all([
    cluster.condition().catch((error: unknown) => {
      deps.log.error({ error, cluster: cluster.name }, 'condition not read');
      return null;
    }),
    cluster.ask({ ask: 'status' }),
  ]);
  const worker = reply.is === 'answered' ? { said: reply.answer } : { silent: reply.sentence };
  return { name: cluster.name, condition, worker };
}
