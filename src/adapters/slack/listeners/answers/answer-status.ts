import type { Answer } from '../../blocks/answer.ts';
import { type ClusterStatus, renderStatus } from '../../blocks/answers/status.ts';
import { answerIn } from '../clusters-in.ts';
import type { Cluster, ListenerDeps } from '../deps.ts';
import { type Sight, silentWords } from '../sight.ts';

/** The condition of each cluster: what Redis knows, and what its worker says if it answers. */
export function answerStatus(deps: ListenerDeps, words: readonly string[], sight: Sight): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'none' }, async ({ scoped, unknown }) => {
    const statuses = await Promise.all(scoped.map(async ({ cluster }) => statusOf(deps, cluster, sight)));
    const narrower = [...new Set(scoped.flatMap(({ namespaces }) => namespaces))];
    return renderStatus({ clusters: statuses, narrower, unknown, now: deps.now() });
  });
}

async function statusOf(deps: ListenerDeps, cluster: Cluster, sight: Sight): Promise<ClusterStatus> {
  const [condition, reply] = await Promise.all([
    cluster.condition().catch((error: unknown) => {
      deps.log.error({ error, cluster: cluster.name }, 'condition not read');
      return null;
    }),
    cluster.ask({ ask: 'status' }),
  ]);
  const isShown = (namespace: string): boolean =>
    sight.of({ subject: { cluster: cluster.name, namespace }, labels: null }) !== 'nothing';
  const worker =
    reply.is === 'answered'
      ? {
          said: {
            ...reply.answer,
            namespaces: reply.answer.namespaces.filter(isShown),
            freezes: sight.hidesNamesOf(cluster.name) ? [] : reply.answer.freezes,
          },
        }
      : { silent: silentWords(cluster.name, reply, sight) };
  return { name: cluster.name, condition, worker };
}
