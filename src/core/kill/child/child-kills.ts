import { bareContainerId } from '../cgroup.ts';
import { countChildren, nameMark, nameProcess, newChildLife, settleChildren } from './child-life.ts';
import type { ChildLife, ChildStep } from './child-life.ts';
import { childFingerprint } from '../fingerprint.ts';
import type { Sighting } from '../detect/detection.ts';
import type { Kill } from '../kill.ts';
import { childKill } from '../make-kill.ts';
import type { ChildSighting } from '../make-kill.ts';
import { lifeStatus } from './life-view.ts';
import type { LifeView } from './life-view.ts';
import type { OomCount } from './oom-count.ts';
import type { OomReport } from './oom-report.ts';
import { createRecent } from '../recent.ts';

/** The kills of single processes, life by life (child-life.ts). Memory is bounded by `maxLives`. */
export interface ChildKills {
  /** A message of the kernel about this life; it is told when the container's own kill does not explain it in time. */
  readonly report: (report: OomReport, life: LifeView, sighting: Sighting) => void;
  /** The counter of this life. */
  readonly count: (count: OomCount, life: LifeView) => void;
  /** A later exit of this life carries the mark: the kill's fingerprint where that is news, else null. */
  readonly mark: (life: LifeView, atMs: number) => string | null;
  /** Whether a witness told of a kill in this life that is not told of as a child's yet, or of one at its very end. */
  readonly isHit: (containerId: string, endedAtMs: number | null) => boolean;
  /**
   * The container's own kill ended this life (ms UTC). The fingerprint of a process that was told of as a child's
   * because the status that tells of it took too long, else null.
   */
  readonly own: (containerId: string, endedAtMs: number | null) => string | null;
  readonly tick: (nowMs: number) => readonly Kill[];
  /** Nothing more will come after `endMs`. A message whose window is not over then makes a suspect. */
  readonly flush: (endMs: number) => readonly Kill[];
}

export interface ChildKillsOptions {
  readonly cluster: string;
  /** How long the status that tells of the container's own kill may take. */
  readonly windowMs: number;
  /** A counter of a life that began longer ago than this counts from where it is first seen. */
  readonly lookBackMs: number;
  readonly maxLives: number;
  /** When the container's own kill ended this life (ms UTC), null where it did not or nobody knows when. */
  readonly ownKill: (life: LifeView) => { readonly atMs: number | null } | null;
}

interface Seen {
  readonly report: OomReport;
  readonly sighting: Sighting;
}

interface Known {
  view: LifeView;
  life: ChildLife;
  reports: readonly Seen[];
  seenAtMs: number;
  /** Processes that were told of by their messages, the newest last. */
  named: readonly { readonly nth: number; readonly atMs: number }[];
  /** One of them was the container's first: its own kill has a number among theirs. */
  isOwnNamed: boolean;
}

const mostNamed = 20;

/** A status has whole seconds and the kernel kills a moment before: what lies so near to an own kill is part of it. */
const ownKillMs = 2_000;

export function createChildKills(options: ChildKillsOptions): ChildKills {
  const { cluster, windowMs, lookBackMs, maxLives, ownKill } = options;
  const lives = createRecent<Known>(maxLives);

  function known(view: LifeView, base: number, seenAtMs: number): Known {
    const found = lives.get(view.containerId) ?? {
      view,
      life: newChildLife(base),
      reports: [],
      seenAtMs,
      named: [],
      isOwnNamed: false,
    };
    found.view = view;
    found.seenAtMs = seenAtMs;
    lives.set(view.containerId, found);
    return found;
  }

  function take(of: Known, { life, told }: ChildStep, about: ChildSighting): readonly Kill[] {
    of.life = life;
    const { containerId } = of.view;
    return told.map((nth) =>
      childKill(of.view, { cluster, fingerprint: childFingerprint(cluster, containerId, nth), ...about }),
    );
  }

  /** How many of what the counter stood at were kills of the container itself: when it was read before, none. */
  function ownKillsIn(of: Known, countedAtMs = of.life.countedAtMs): number {
    if (of.isOwnNamed) return 0;
    const own = ownKill(of.view);
    const isBefore = own !== null && own.atMs !== null && countedAtMs !== null && countedAtMs < own.atMs - ownKillMs;
    return own === null || isBefore ? 0 : 1;
  }

  function settle(of: Known, nowMs: number): readonly Kill[] {
    const own = ownKill(of.view);
    const isRipe = ({ sighting }: Seen): boolean => own !== null || nowMs - sighting.atMs >= windowMs;
    const ripe = of.reports.filter(isRipe);
    of.reports = of.reports.filter((seen) => !isRipe(seen));
    const reported = notOwn(ripe, own).flatMap((seen) => {
      const { atMs } = seen.report;
      const step = nameProcess(of.life, processOf(seen), atMs);
      of.named = [...of.named, ...step.told.map((nth) => ({ nth, atMs }))].slice(-mostNamed);
      return take(of, step, sightingOf(seen));
    });
    const ownKills = ownKillsIn(of);
    const counted = settleChildren(of.life, { nowMs, ownKills, settleMs: windowMs });
    return [...reported, ...take(of, counted, { startedBeforeWatch: false, seenAtMs: of.seenAtMs })];
  }

  function undecided(of: Known): readonly Kill[] {
    const left = of.reports;
    of.reports = [];
    return left.flatMap((seen) =>
      take(of, nameProcess(of.life, processOf(seen), seen.report.atMs), sightingOf(seen)).map((one) => ({
        ...one,
        suspect: true,
      })),
    );
  }

  return {
    report: (report, view, sighting) => {
      const of = known(view, 0, sighting.atMs);
      const seen = { report, sighting };
      const process = processOf(seen);
      const isWaiting = of.reports.some((one) => processOf(one) === process);
      const isTold = of.life.processes.some(([pid]) => pid === process);
      if (!isWaiting && !isTold) of.reports = [...of.reports, seen];
    },
    count: (count, view) => {
      const startedAtMs = Date.parse(lifeStatus(view).startedAt ?? '');
      const of = known(view, startedAtMs < count.atMs - lookBackMs ? count.value : 0, count.atMs);
      const ownKills = ownKillsIn(of, count.atMs);
      of.life = countChildren(of.life, { value: count.value, atMs: count.atMs, ownKills, settleMs: Infinity }).life;
    },
    mark: (view, atMs) => {
      const of = known(view, 0, atMs);
      const { life, told } = nameMark(of.life);
      of.life = life;
      return told.length === 0 ? null : childFingerprint(cluster, view.containerId, 1);
    },
    isHit: (containerId, endedAtMs) => {
      const of = lives.get(bareContainerId(containerId));
      if (of === undefined) return false;
      return of.reports.length > 0 || of.life.waiting !== null || namedAt(of, endedAtMs) !== undefined;
    },
    own: (containerId, endedAtMs) => {
      const of = lives.get(bareContainerId(containerId));
      const named = of === undefined ? undefined : namedAt(of, endedAtMs);
      if (of === undefined || named === undefined) return null;
      of.isOwnNamed = true;
      return childFingerprint(cluster, of.view.containerId, named.nth);
    },
    tick: (nowMs) => lives.values().flatMap((of) => settle(of, nowMs)),
    flush: (endMs) =>
      lives.values().flatMap((of) => {
        const settled = settle(of, endMs);
        const step = settleChildren(of.life, {
          nowMs: Infinity,
          ownKills: ownKillsIn(of),
          settleMs: 0,
        });
        return [...settled, ...take(of, step, { startedBeforeWatch: false, seenAtMs: of.seenAtMs }), ...undecided(of)];
      }),
  };
}

function namedAt({ named }: Known, endedAtMs: number | null): Known['named'][number] | undefined {
  return named.findLast(({ atMs }) => endedAtMs !== null && Math.abs(atMs - endedAtMs) <= ownKillMs);
}

/** The messages that the container's own kill does not explain: its own is near to it, or else the last before it. */
function notOwn(seen: readonly Seen[], own: { readonly atMs: number | null } | null): readonly Seen[] {
  if (own === null) return seen;
  const { atMs } = own;
  if (atMs === null) return [];
  const earlier = seen.filter(({ report }) => report.atMs < atMs - ownKillMs);
  return earlier.length < seen.length ? earlier : seen.slice(0, -1);
}

/** Without a process id the moment has to tell. */
function processOf({ report: { victim, atMs } }: Seen): number {
  return victim.pid ?? -atMs;
}

function sightingOf({ report: { victim, atMs }, sighting }: Seen): ChildSighting {
  return { startedBeforeWatch: sighting.initial === true, seenAtMs: sighting.atMs, victim, killedAtMs: atMs };
}
