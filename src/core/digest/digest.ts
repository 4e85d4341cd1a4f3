import type { Loaded, Remediation } from '../incident/incident.ts';
import { worstFirst } from '../home/worst-first.ts';
import type { Result } from '../incident/result.ts';
import { killedAtMs, type Kill } from '../kill/kill.ts';
import { isEmptyCard, latestOfEach, type ReportCard, reportCard } from '../report/report-card.ts';
import type { Place } from '../talk/place.ts';
import { dayMs } from '../units/duration.ts';

/** A suspect that nothing has decided, and why not. */
export interface Undecided {
  readonly kill: Kill;
  readonly why: string;
}

/** An open incident of a channel, where its thread is, and whether only its name may be shown there. */
export interface DigestIncident extends Pick<Loaded, 'incident' | 'tally'> {
  readonly namesOnly: boolean;
  readonly place: Place | null;
}

export interface DigestRemediation {
  readonly of: DigestIncident;
  readonly remediation: Remediation;
}

/** What there is to say in a channel once a day. */
export interface Digest {
  /** The hour that it is of, ms UTC. */
  readonly slot: number;
  /** The worst first. */
  readonly open: readonly DigestIncident[];
  /** Of those that are open: how many were opened since the digest before, and how many kills there were. */
  readonly since: { readonly incidents: number; readonly kills: number };
  readonly waiting: readonly DigestRemediation[];
  /** Time was bought, and the next kill is expected or nobody knows when. */
  readonly boughtTime: readonly DigestRemediation[];
  /** What checks of the last day found, the latest of each change. */
  readonly held: readonly Result[];
  readonly failed: readonly Result[];
  readonly undecided: readonly Undecided[];
  /** Of the last seven days; null but once a week, and where there is nothing to report. */
  readonly report: ReportCard | null;
}

export interface DigestInput {
  readonly slot: number;
  readonly open: readonly DigestIncident[];
  /** Of the last seven days. */
  readonly results: readonly Result[];
  readonly undecided: readonly Undecided[];
  readonly isWeekly: boolean;
}

/** The digest of one channel; null where there is nothing to say. */
export function digestOf({ slot, open, results, undecided, isWeekly }: DigestInput): Digest | null {
  const yesterday = slot - dayMs;
  const remediations = (state: Remediation['state']): readonly DigestRemediation[] =>
    open.flatMap((of) =>
      of.incident.remediations.filter((one) => one.state === state).map((remediation) => ({ of, remediation })),
    );
  const latest = latestOfEach(results).filter(({ at, purpose }) => at > yesterday && purpose === 'fix');
  const card = isWeekly ? reportCard(results) : null;
  const digest: Digest = {
    slot,
    open: worstFirst(open),
    since: {
      incidents: open.filter(({ incident }) => incident.openedAt > yesterday).length,
      kills: open.reduce((sum, one) => sum + killsSince(one, yesterday), 0),
    },
    waiting: remediations('requested'),
    boughtTime: remediations('bought-time').filter(({ remediation }) => (remediation.promise?.kept ?? null) === null),
    held: latest.filter(({ outcome }) => outcome === 'held' || outcome === 'overshot'),
    failed: latest.filter(({ outcome }) => outcome === 'failed'),
    undecided: ofTheDay(undecided, slot),
    report: card === null || isEmptyCard(card) ? null : card,
  };
  const { held, failed, report } = digest;
  const isSilent = [digest.open, held, failed, digest.undecided].every((list) => list.length === 0) && report === null;
  return isSilent ? null : digest;
}

/** Kills of an incident since then (ms UTC): the last ones are known each, so at most all of those. */
function killsSince({ tally }: DigestIncident, since: number): number {
  if (tally.firstAt > since) return tally.count;
  return tally.recent.filter((kill) => killedAtMs(kill) > since).length;
}

/** Those of the day before `slot`, oldest first. */
function ofTheDay(suspects: readonly Undecided[], slot: number): readonly Undecided[] {
  return suspects
    .filter(({ kill }) => kill.seenAt > slot - dayMs && kill.seenAt <= slot)
    .toSorted((a, b) => killedAtMs(a.kill) - killedAtMs(b.kill));
}
