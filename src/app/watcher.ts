import { connect } from '../adapters/kubernetes/transport/connect.ts';
import { createWatcher } from '../adapters/kubernetes/watch/watcher.ts';
import { createCheckpoints } from '../adapters/redis/store/checkpoint.ts';
import { createIgnored } from '../adapters/redis/store/ignored.ts';
import { clusterKeys } from '../adapters/redis/keys.ts';
import { createKillQueue } from '../adapters/redis/queues/kills.ts';
import { ignoredOf } from '../core/kill/ignored.ts';
import { clusterOf } from './config/config.ts';
import { connectOptions } from './connect-options.ts';
import { createLitterCollector } from './small-heap.ts';
import { readyRedis, redisCheck, redisFor, serveOps } from './process.ts';
import type { ProcessContext } from './process.ts';
import { tracedEmit } from './traced-kills.ts';

/** A queue that does not accept a kill within this time counts as unreachable; the watcher retries. */
const queueDeadlineMs = 2_000;
/** A watch lasts 29 s at most and failures are tried again within 15; a stream that says nothing for longer is stuck. */
const silentMs = 90_000;

/** ms UTC from the start on, monotonic even if the machine's clock is changed meanwhile. */
const steadyNow = (): number => performance.timeOrigin + performance.now();

/** Watches one cluster and queues its kills. Its only rights: list and watch pods, events and nodes. */
export async function startWatcher(context: ProcessContext): Promise<void> {
  const { config, log, metrics, tracing } = context;
  const cluster = clusterOf(config);
  const redis = redisFor(context, 'producer');
  const warnings = await readyRedis(context, redis);
  const queue = createKillQueue({ redis, cluster });
  context.add({ name: 'kill queue', stop: queue.close });
  const ignored = createIgnored({ redis, cluster });
  const transport = await connect({ ...connectOptions(config), isSmall: true });

  const watcher = createWatcher({
    transport,
    cluster,
    namespaces: config.OOMKEEPER_NAMESPACES,
    lookBackMs: config.OOMKEEPER_LOOK_BACK,
    suspectWindowMs: config.timing.suspectWindowMs,
    emit: tracedEmit(tracing.trace, (trigger) => queue.add(trigger, queueDeadlineMs)),
    checkpoints: createCheckpoints({ redis, cluster }),
    now: steadyNow,
    random: Math.random,
    on: {
      queued: (kill, problems) => {
        metrics.killsSeen.inc({ kind: kill.kind, suspect: String(kill.suspect) });
        log.info(
          { pod: kill.pod, container: kill.subject.container, kind: kill.kind, suspect: kill.suspect },
          'kill queued',
        );
        for (const problem of problems) log.warn({ pod: kill.pod, problem }, 'unreadable field');
      },
      warned: ({ node }) => log.info({ node }, 'short node queued'),
      ignored: (reason, kill) => {
        metrics.terminationsIgnored.inc({ reason });
        log.info({ pod: kill.pod, container: kill.subject.container, reason }, 'termination ignored');
        ignored
          .keep(ignoredOf(kill, reason))
          .catch((error: unknown) => log.warn({ error, pod: kill.pod }, 'ignored termination not kept'));
      },
      problem: (stream, reason, line) => {
        metrics.linesDropped.inc({ reason });
        log.warn({ stream, reason, begins: line.toString('utf8', 0, 200) }, 'watch line dropped');
      },
      reconnect: (stream, reason, failure) => {
        metrics.watchReconnects.inc({ reason });
        const fields = { stream, reason, ...(failure ? { error: failure } : {}) };
        if (failure) log.warn(fields, 'watch interrupted');
        else log.debug(fields, 'watch renewed');
      },
      queueFailed: (error) => log.warn({ error }, 'queue not reachable'),
      heard: createLitterCollector(),
    },
  });

  const stopping = new AbortController();
  const running = watcher.run(stopping.signal).catch(context.fatal);
  context.add({
    name: 'watcher',
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
  await serveOps(context, {
    ready: [redisCheck(redis, clusterKeys(cluster).checkpoint), { name: 'watch', problem: watcher.problem }],
    alive: [
      {
        name: 'watch',
        problem: () =>
          steadyNow() - watcher.lastActivityAt() < silentMs
            ? null
            : `A watch on ${transport.server} has done nothing for 90 s.`,
      },
    ],
    warnings,
  });
  log.info({ server: transport.server }, 'watching');
}
