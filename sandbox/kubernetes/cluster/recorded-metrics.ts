import { join } from 'node:path';

import { isObject, objectOf, parseJson, textOf } from '../objects/json-value.ts';
import { readRecordedFile } from './recorded-files.ts';
import type { SamplePoint, SampleSource, Series } from './samples.ts';

/** Rows that cAdvisor writes without a time of its own: Prometheus gives them that of the scrape. */
const scrapeTimed = new Set(['container_start_time_seconds', 'container_spec_memory_limit_bytes']);

/**
 * The samples of a recording's `metrics.ndjson` as its Prometheus had them at a recorded moment. A row with a time of its
 * own is there from the next scrape on, and nothing marks its end; a series without one ends with the first scrape that
 * does not have it. Where no scrape can be told, samples are there when they were taken.
 */
export async function openRecordedMetrics(dir: string, now: () => number): Promise<SampleSource> {
  const byLabels = new Map<string, { labels: Record<string, string>; points: SamplePoint[] }>();
  for (const line of (await readRecordedFile(join(dir, 'metrics.ndjson')))?.split('\n') ?? []) {
    const { at, name, labels, value } = objectOf(parseJson(line));
    const t = Date.parse(textOf(at) ?? '');
    if (Number.isNaN(t) || typeof name !== 'string' || !isObject(labels) || typeof value !== 'number') continue;
    const texts = Object.entries(labels).flatMap(([label, text]) =>
      text === '' ? [] : [[label, String(text)] as const],
    );
    const all: Record<string, string> = { __name__: name, ...Object.fromEntries<string>(texts) };
    const key = JSON.stringify(all);
    const series = byLabels.get(key) ?? { labels: all, points: [] };
    byLabels.set(key, series);
    series.points.push({ t, v: value });
  }
  const recorded = [...byLabels.values()];
  for (const { points } of recorded) points.sort((a, b) => a.t - b.t);
  const ofScrapes = recorded.filter(({ labels }) => scrapeTimed.has(labels['__name__'] ?? ''));
  const scrapes = [...new Set(ofScrapes.flatMap(({ points }) => points.map(({ t }) => t)))].toSorted((a, b) => a - b);
  const nextScrape = new Map(scrapes.map((t, index) => [t, scrapes[index + 1]]));
  for (const series of ofScrapes) series.points = withEnds(series.points, nextScrape);

  /** Up to when samples are there by now. */
  const seenUntil = (): number => (scrapes.length === 0 ? now() : (scrapes.findLast((t) => t <= now()) ?? -Infinity));

  return {
    series: (name, namespace) => {
      const until = seenUntil();
      return recorded.flatMap(({ labels, points }): Series[] => {
        if (name !== undefined && labels['__name__'] !== name) return [];
        if (namespace !== undefined && labels['namespace'] !== namespace) return [];
        const seen = points.filter(({ t }) => t <= until);
        return seen.length === 0 ? [] : [{ labels, points: seen }];
      });
    },
  };
}

/** With the staleness marker of the first scrape that no longer has the series. */
function withEnds(points: readonly SamplePoint[], nextScrape: ReadonlyMap<number, number | undefined>): SamplePoint[] {
  return points.flatMap((point, index) => {
    const next = nextScrape.get(point.t);
    const goesOn = next === undefined || points[index + 1]?.t === next;
    return goesOn ? [point] : [point, { t: next, v: null }];
  });
}
