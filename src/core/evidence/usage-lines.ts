import { chargedBefore } from './charged.ts';
import type { Trigger } from '../kill/trigger.ts';
import { aboutTime } from '../talk/words.ts';
import { dayMs, roughDuration } from '../units/duration.ts';
import { formatBytes } from '../units/quantity.ts';
import type { Evidence, EvidenceLine, Findings, LoadSource, UsageHistory, UsagePeak, UsageSample } from './evidence.ts';
import { lastOfPod, lastSample } from './last-sample.ts';
import { sourceOf } from './query-in.ts';
import { loadCorrelation } from './load.ts';
import type { Correlation } from './load.ts';
import { samplesBefore } from './samples-before.ts';
import { stalledBefore, stalledWords } from './stalled.ts';
import { median } from './statistics.ts';
import { limitAt } from '../kill/limit-at.ts';

type Found = Extract<Evidence<UsageHistory>, { readonly found: true }>;

/** Less of the limit than this is noise, as it is for the shape of a run. */
const noticeable = 0.1;

/** What was measured, as people read it: the last sample, the days before, and the load beside it. */
export function usageLines(findings: Findings, trigger: Trigger): EvidenceLine[] {
  const { usage } = findings;
  const { source, at } = usage;
  if (!usage.found) return [{ label: 'Usage', text: usage.reason, source, at, missing: true }];
  return [
    usageLine(findings, usage, trigger),
    ...peaksLine(usage),
    ...loadLine(samplesBefore(findings, trigger), usage),
    ...stalledLine(findings, usage, trigger),
    ...slowedLine(findings, usage, trigger),
  ];
}

/** Never a peak: the last sample, how old it was, and the limit. */
function usageLine(findings: Findings, { source, at, value }: Found, trigger: Trigger): EvidenceLine {
  const when = trigger.kind === 'ahead' ? 'ago' : 'before the kill';
  const last = lastSample(findings, trigger);
  const limit = limitAt(trigger);
  const least = (limit ?? 0) * noticeable;
  const pod = lastOfPod(findings, trigger);
  const ofPod =
    pod !== null && pod.bytes - (last?.bytes ?? 0) > least
      ? `; its pod as a whole used ${formatBytes(pod.bytes)}, ${roughDuration(pod.beforeKillMs)} ${when}`
      : '';
  if (last === null) {
    const apart = value.resolutionMs === null ? '' : `; samples are ${roughDuration(value.resolutionMs)} apart`;
    const text = `no sample of the killed run was taken${apart}${ofPod}`;
    return { label: 'Usage', text, source, at, missing: true };
  }
  const { cacheBytes = 0, rssBytes = 0 } = samplesBefore(findings, trigger).at(-1) ?? {};
  // What its processes hold is no file, and what the kernel takes back first is not in the working set at all.
  const inSet = Math.min(cacheBytes, Math.max(0, last.bytes - rssBytes));
  const idle = chargedBefore(findings, trigger)?.idleFileBytes ?? 0;
  const files = inSet > least ? `, of that up to ${formatBytes(inSet)} files in memory` : '';
  const beside = idle > least ? `, and ${formatBytes(idle)} of page cache beside it` : '';
  const text = `last sample ${formatBytes(last.bytes)}${files}${beside}, ${roughDuration(last.beforeKillMs)} ${when}; ${limitThen(trigger)}${ofPod}`;
  return { label: 'Usage', text, source, at, missing: false };
}

/** The most of all days, and what half of the days stayed below. */
function peaksLine({ source, at, value }: Found): EvidenceLine[] {
  const peaks = value.peaks ?? [];
  const [first] = peaks;
  const last = peaks.at(-1);
  if (first === undefined || last === undefined) return [];
  // Of less than a day the last sample says enough.
  const daily = dailyPeaks(peaks);
  if (daily.length < 2) return [];
  const most = peaks.reduce((high, one) => (one.bytes > high.bytes ? one : high));
  const usual = daily.length < 3 ? '' : `; on half of the days none used more than ${formatBytes(median(daily))}`;
  const span = roughDuration(last.to - first.from);
  const text = `in the last ${span} no container of it used more than ${formatBytes(most.bytes)} (about ${aboutTime(most.to, at)})${usual}`;
  return [{ label: 'Peaks', text, source: sourceOf(value.queries?.peaks, source), at, missing: false }];
}

/** The most of each day that has peaks, bytes, oldest first. Days are counted back from the last peak. */
export function dailyPeaks(peaks: readonly UsagePeak[]): readonly number[] {
  const end = peaks.at(-1)?.to ?? 0;
  const byDay = Map.groupBy(peaks, ({ to }) => Math.floor((end - to) / dayMs));
  return [...byDay.values()].map((ofDay) => Math.max(...ofDay.map(({ bytes }) => bytes)));
}

function loadLine(samples: readonly UsageSample[], { source, at, value }: Found): EvidenceLine[] {
  const { loadFrom } = value;
  const correlation = loadCorrelation(samples);
  if (loadFrom === undefined || correlation === null) return [];
  const by = sourceOf(value.queries?.load, source);
  return [{ label: 'Load', text: loadWords(loadFrom, correlation), source: by, at, missing: false }];
}

/** `usage goes up and down with packets received by the pod (a stand-in for load): correlation 0.91 over 180 samples`. */
function loadWords({ words, isProxy }: LoadSource, { value, count, clear }: Correlation): string {
  const goes = !clear ? 'does not depend on' : value > 0 ? 'goes up and down with' : 'goes the other way than';
  const standIn = isProxy ? ' (a stand-in for load)' : '';
  return `usage ${goes} ${words}${standIn}: correlation ${value.toFixed(2)} over ${count} samples`;
}

/** Only where it was short of memory for a while: hardly any container is. */
function stalledLine(findings: Findings, { source, at, value }: Found, trigger: Trigger): EvidenceLine[] {
  const stalled = stalledBefore(findings, trigger);
  if (stalled === null) return [];
  const by = sourceOf(value.queries?.stalled, source);
  return [{ label: 'Pressure', text: stalledWords(stalled), source: by, at, missing: false }];
}

/** Only above its request, where `memory.high` begins to matter: growth is slower there than the program's own. */
function slowedLine(findings: Findings, { source, at, value }: Found, trigger: Trigger): EvidenceLine[] {
  const { requestBytes } = trigger;
  const used = lastSample(findings, trigger)?.bytes ?? 0;
  if (value.memoryQos !== true || requestBytes === null || used <= requestBytes) return [];
  const text = `on (memory.high): between its request of ${formatBytes(requestBytes)} and its limit the kernel slows it down, and so its growth`;
  return [{ label: 'Memory QoS', text, source, at, missing: false }];
}

/** `limit 256Mi`, `no limit`. */
export function limitWords(limitBytes: number | null): string {
  return limitBytes === null || limitBytes <= 0 ? 'no limit' : `limit ${formatBytes(limitBytes)}`;
}

/** The limit at the kill: both, where it was changed in the time in which the kill may have happened. */
function limitThen(trigger: Trigger): string {
  const words = limitWords(limitAt(trigger));
  if (trigger.kind === 'ahead' || trigger.orLimitBytes === undefined) return words;
  const { orLimitBytes: other } = trigger;
  return `${words} or ${other === null ? 'none' : formatBytes(other)} (changed at about the time of the kill)`;
}
