import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.ts';
import type { Detection } from '../../../core/kill/detect/detection.ts';
import { createDetector } from '../../../core/kill/detect/detector.ts';
import type { Detector } from '../../../core/kill/detect/detector.ts';
import { oomReportReasons, readOomReport } from '../../../core/kill/detect/oom-report.ts';
import type { OomReport } from '../../../core/kill/detect/oom-report.ts';
import { stopOrderReasons } from '../../../core/kill/detect/stop-order.ts';
import { createBackOff } from '../transport/back-off.ts';
import { createCheckpointWriter, type Checkpoints, type CheckpointWriter } from './checkpoint-writer.ts';
import { findPod } from '../read/find-pod.ts';
import { follow } from './follow.ts';
import type { Follower } from './follow.ts';
import { createOutbox } from './outbox.ts';
import type { OutboxOptions } from './outbox.ts';
import { takeNodes } from './take-nodes.ts';
import { createResumePoint } from './resume-point.ts';
import type { Checkpoint, ResumePoint } from './resume-point.ts';
import { createServerClock } from '../transport/server-clock.ts';
import { createStartDowntime } from './start-downtime.ts';
import type { Transport } from '../transport/transport.ts';
import { usualPace } from './watch-stream.ts';
import type { WatchPace } from './watch-stream.ts';

export interface WatcherOptions {
  readonly transport: Transport;
  readonly cluster: string;
  /** Empty = all. */
  readonly namespaces: readonly string[];
  readonly lookBackMs: number;
  readonly suspectWindowMs: number;
  /** Puts a kill into the queue; rejects quickly if that fails. */
  readonly emit: OutboxOptions['emit'];
  readonly checkpoints: Checkpoints;
  /** ms UTC, monotonic even if the machine's clock is changed: windows are measured by it. */
  readonly now: () => number;
  readonly random: () => number;
  readonly on: WatcherEvents;
  readonly pace?: WatchPace;
}

/** For logs and metrics. */
export type WatcherEvents = OutboxOptions['on'] & {
  readonly problem: (stream: string, reason: string, line: Buffer) => void;
  readonly reconnect: (stream: string, reason: string, failure?: Failure) => void;
  /** So many bytes of a watch or list have arrived. */
  readonly heard?: (bytes: number) => void;
};

export interface Watcher {
  /** Resolves after `signal` is aborted and everything detected is queued or given up. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Why the watcher does not see everything, as a sentence; null while every stream is open and up to date. */
  readonly problem: () => string | null;
  /** For the stream that has been silent for longest: when it last had an answer, a refusal or a line, by `now`. */
  readonly lastActivityAt: () => number;
}

/** One watched resource, and what to do with its objects. */
interface Stream {
  /** Used in logs, problems and as the name of the checkpoint. */
  readonly name: string;
  /** Of the list. */
  readonly path: string;
  /** Lines without any of these are not parsed; by default those of a kill. */
  readonly needles?: readonly string[];
  readonly resume: string | null;
  readonly take: Follower['take'];
  /** Without it the stream has no checkpoint. */
  readonly reached?: Follower['reached'];
  /** Little is missing without it, so it does not make the watcher unready. */
  readonly isExtra?: boolean;
}

interface Heard {
  readonly reconnect?: () => void;
  readonly synced: () => void;
}

/** Where a stream of pods begins, and where its progress is stored. */
interface Beginning {
  readonly point: ResumePoint;
  readonly checkpoint: Checkpoint | null;
  readonly writer: CheckpointWriter;
}

/** A kernel message as an Event of a node. */
interface SeenReport {
  readonly type: string;
  readonly object: unknown;
  readonly initial: boolean;
  readonly report: OomReport;
  readonly scope: string;
  readonly point: ResumePoint;
}

/** An Event with another reason is not parsed. */
const eventNeedles = [...stopOrderReasons, ...oomReportReasons].map((reason) => `"reason":"${reason}"`);
const tickMs = 500;
/** If the list of Events takes longer than this, pods are watched without waiting for it. */
const eventsPatienceMs = 5_000;

/**
 * Watches pods and Events, finds kills and queues each. The checkpoint of a stream of pods is written only after every
 * kill before it is in the queue and nothing before it is undecided; while the queue is unreachable, reading waits.
 * Events have no checkpoint and are listed at each start, before the pods: the Event that explains an exit comes before
 * it, and a resumed stream could have passed it already.
 *
 * If a checkpoint is gone after it was written, the queue is lost as well (Redis was emptied or restored from an old
 * backup). Then everything starts again from a list, and what is within the look-back is queued again.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const { cluster, now, on } = options;
  const newDetector = (): Detector =>
    createDetector({
      cluster,
      windowMs: options.suspectWindowMs,
      weakExits: true,
    });
  let detector = newDetector();
  /** Starts over from a list, as if nothing had been seen. */
  let startAgain = (): void => undefined;
  const isWhole = options.namespaces.length === 0;
  const scopes = isWhole ? [''] : options.namespaces.map((name) => `/namespaces/${name}`);
  const streams = scopes.flatMap((scope) => [`pods${scope}`, `events${scope}`]);
  const problems = new Map(streams.map((stream) => [stream, `The watch on ${stream} is not open yet.`]));
  const activity = new Map(streams.map((stream) => [stream, now()]));
  const queueFailed = (error: unknown): void => {
    // Streams that wait for the queue don't hang.
    for (const stream of streams) activity.set(stream, now());
    on.queueFailed(error);
  };
  const outbox = createOutbox({ ...options, on: { ...on, queueFailed } });
  const server = createServerClock(now);
  const downtime = createStartDowntime(scopes.length);
  const add = (found: readonly Detection[]): void => {
    outbox.add(found.map((detection) => downtime.annotate(withClock(detection, server.aheadMs()))));
  };

  /** Follows one stream until `signal` is aborted. `synced`: its present state is known. */
  async function followStream(stream: Stream, signal: AbortSignal, heard: Heard): Promise<void> {
    const { name } = stream;
    const active = (): unknown => activity.set(name, now());
    const follower: Follower = {
      take: stream.take,
      reached: stream.reached ?? (() => undefined),
      settle: async () => {
        active();
        await outbox.settle(signal);
      },
      answered: (serverTime) => {
        active();
        server.heard(serverTime);
      },
      heard: (bytes) => {
        active();
        on.heard?.(bytes);
      },
      problem: (reason, line) => on.problem(name, reason, line),
      reconnect: (reason, failure) => {
        active();
        if (failure && !stream.isExtra) problems.set(name, `The watch on ${name} cannot be opened: ${failure.message}`);
        on.reconnect(name, reason, failure);
        heard.reconnect?.();
      },
      synced: () => {
        problems.delete(name);
        heard.synced();
      },
    };
    await follow({ ...options, ...stream, pace: options.pace ?? usualPace, signal, follower });
  }

  function eventsOf(scope: string, podsSynced: Promise<ResumePoint>): Stream {
    return {
      name: `events${scope}`,
      path: `/api/v1${scope}/events`,
      needles: eventNeedles,
      resume: null,
      take: (type, object, initial) => {
        const report = readOomReport(object);
        if (report === null) add(detector.event(type, object, { atMs: now(), initial }));
        // A kernel message only matters if no status shows the kill, so the statuses must be known first.
        else void podsSynced.then((point) => takeReport({ type, object, initial, report, scope, point }));
      },
    };
  }

  async function takeReport({ type, object, initial, report, scope, point }: SeenReport): Promise<void> {
    const pod = report.place === null ? null : await findPod(options.transport, report.node, report.place, scope);
    const notBeforeMs = point.notBefore(initial, server.now());
    add(detector.event(type, object, { atMs: now(), initial, notBeforeMs }, () => pod));
  }

  /** Nodes that report memory pressure. They have no namespace. */
  function nodeStream(): Stream {
    const about = { cluster, lookBackMs: options.lookBackMs, now, serverNow: server.now, add: outbox.add };
    return { name: 'nodes', path: '/api/v1/nodes', ...takeNodes(about), resume: null, isExtra: true };
  }

  function podsOf(scope: string, { point, checkpoint, writer }: Beginning, signal: AbortSignal): Stream {
    return {
      name: `pods${scope}`,
      path: `/api/v1${scope}/pods`,
      resume: checkpoint?.resourceVersion ?? null,
      take: (type, object, initial) => {
        const notBeforeMs = point.notBefore(initial, server.now());
        add(detector.pod(type, object, { atMs: now(), initial, notBeforeMs }));
      },
      reached: (resourceVersion) => {
        if (signal.aborted) return;
        const pending = detector.oldestPending();
        const pendingThere = pending && { ...pending, atMs: pending.atMs + server.aheadMs() };
        const next = point.moveTo(resourceVersion, server.now(), pendingThere);
        if (next !== null) writer.reach(next);
      },
    };
  }

  /** Waits for the store; an unreadable checkpoint counts as none. */
  async function readCheckpoint(stream: string, signal: AbortSignal): Promise<Checkpoint | null> {
    const backOff = createBackOff(options.random);
    while (!signal.aborted) {
      try {
        return await options.checkpoints.read(stream);
      } catch (error) {
        on.queueFailed(error);
        if (error instanceof Failure && error.retry === 'never') return null;
        await sleep(backOff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
    return null;
  }

  async function followScope(scope: string, signal: AbortSignal, again: AbortSignal): Promise<void> {
    const known = Promise.withResolvers<void>();
    const synced = Promise.withResolvers<ResumePoint>();
    const patience = setTimeout(known.resolve, eventsPatienceMs);
    const heard = { reconnect: known.resolve, synced: known.resolve };
    const events = followStream(eventsOf(scope, synced.promise), signal, heard).finally(known.resolve);
    const pods = known.promise.then(async () => {
      clearTimeout(patience);
      const name = `pods${scope}`;
      const checkpoint = await readCheckpoint(name, signal);
      await downtime.join({ from: checkpoint?.at ?? null, until: server.now() });
      const point = createResumePoint(checkpoint, options.lookBackMs);
      const writer = createCheckpointWriter({
        checkpoints: options.checkpoints,
        stream: name,
        isWritten: checkpoint !== null,
        settle: () => outbox.settle(signal),
        signal,
        onLost: () => {
          on.reconnect(name, 'checkpoint-lost');
          startAgain();
        },
        onFailed: on.queueFailed,
      });
      const stream = podsOf(scope, { point, checkpoint, writer }, signal);
      await followStream(stream, signal, { synced: () => synced.resolve(point) });
      // Nothing may be written if another stream has found that the queue is lost: then everything starts over.
      await writer.end(!again.aborted);
    });
    await Promise.all([events, pods]);
  }

  return {
    run: async (signal) => {
      const ticking = setInterval(() => {
        add(detector.tick(now()));
        void outbox.settle(signal);
      }, tickMs);
      try {
        while (!signal.aborted) {
          const again = new AbortController();
          startAgain = () => again.abort();
          detector = newDetector();
          const one = AbortSignal.any([signal, again.signal]);
          const nodes = isWhole ? [followStream(nodeStream(), one, { synced: () => undefined })] : [];
          await Promise.all([...scopes.map((scope) => followScope(scope, one, again.signal)), ...nodes]);
        }
        await outbox.settle(signal);
      } finally {
        clearInterval(ticking);
      }
    },
    problem: () => problems.values().next().value ?? null,
    lastActivityAt: () => Math.min(...activity.values()),
  };
}

/** The kill's own times are by the cluster's clock. */
function withClock(detection: Detection, clusterAheadMs: number): Detection {
  return clusterAheadMs === 0 ? detection : { ...detection, kill: { ...detection.kill, clusterAheadMs } };
}
