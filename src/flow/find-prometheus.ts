import { Failure } from '../core/failure.ts';
import type { UsageSource } from './answer/question-needs.ts';
import type { Log } from './worker-needs.ts';
import { minuteMs } from '../core/units/duration.ts';

/** What `OOMKEEPER_PROMETHEUS_URL` asks for. */
export type PrometheusWish =
  | { readonly is: 'search' }
  | { readonly is: 'off' }
  /** `shown` is the URL without credentials. */
  | { readonly is: 'url'; readonly url: string; readonly shown: string };

export interface FindPrometheusNeeds {
  readonly wish: PrometheusWish;
  /** Services that may be a Prometheus, the likeliest first, in the usual namespaces or in others. @throws Failure */
  readonly candidates: (
    place: 'usual' | 'other',
  ) => Promise<readonly { readonly service: string; readonly urls: readonly string[] }[]>;
  readonly probe: (
    url: string,
  ) => Promise<{ readonly is: 'usable' } | { readonly is: 'unusable'; readonly reason: string; readonly text: string }>;
  readonly log: Log;
  readonly now: () => number;
  /** Ends a search between two questions. */
  readonly stopping?: AbortSignal;
}

/** A Prometheus that has just started has no usage yet, so the first searches follow each other closely. */
const firstAgainMs = 5_000;
const longestAgainMs = 10 * minuteMs;

/**
 * Finds a Prometheus-compatible API among the cluster's Services where none is configured: the first of the likely ones
 * that answers and has usage of containers. Other namespaces are listed only when the usual ones have none, so that
 * nobody can come before them or delay them. One that answers with something else (a web page, no such metric) is
 * skipped and the reason logged. Call `look` every few seconds: it searches when it is time, at first after 10 s and
 * later every 10 min, and every 10 min it checks that the one it found is still there.
 */
export function createPrometheusFinder({ wish, candidates, probe, log, now, stopping }: FindPrometheusNeeds): {
  readonly source: () => UsageSource;
  readonly look: () => Promise<void>;
} {
  let source: UsageSource = sourceOf(wish);
  let dueAt = -Infinity;
  let againMs = firstAgainMs;

  async function look(): Promise<void> {
    if (wish.is !== 'search' || now() < dueAt) return;
    await lookNow();
    againMs = source.is === 'prometheus' ? longestAgainMs : Math.min(againMs * 2, longestAgainMs);
    dueAt = now() + againMs;
  }

  async function lookNow(): Promise<void> {
    if (source.is === 'prometheus' && (await probe(source.url)).is === 'usable') return;
    if (source.is === 'prometheus') againMs = firstAgainMs;
    source = await search();
    if (source.is === 'prometheus') log('info', 'prometheus found', { url: source.url });
    else log('info', 'no prometheus found', { reason: source.details });
  }

  async function search(): Promise<UsageSource> {
    const tried: string[] = [];
    for (const place of ['usual', 'other'] as const) {
      let services: Awaited<ReturnType<FindPrometheusNeeds['candidates']>>;
      try {
        services = await candidates(place);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const details =
          error.code === 'cluster-forbidden'
            ? 'the worker may not list Services; grant it that, or set OOMKEEPER_PROMETHEUS_URL'
            : `the Services could not be listed: ${error.message}`;
        return { is: 'none', why: 'no Prometheus was found', details };
      }
      tried.push(...services.map(({ service }) => service));
      const found = await firstUsable(services);
      if (found !== null) return found;
    }
    const names = tried.slice(0, 3);
    const seen =
      names.length === 0 ? 'no Service looks like one' : `${names.join(', ')} did not answer as one with usage in it`;
    return { is: 'none', why: 'no Prometheus was found', details: `${seen}; OOMKEEPER_PROMETHEUS_URL can name one` };
  }

  /** What was there before, when the search has to end. */
  async function firstUsable(
    services: Awaited<ReturnType<FindPrometheusNeeds['candidates']>>,
  ): Promise<UsageSource | null> {
    for (const { service, urls } of services) {
      for (const url of urls) {
        if (stopping?.aborted === true) return source;
        const probed = await probe(url);
        if (probed.is === 'usable')
          return { is: 'prometheus', url, words: `Prometheus at ${url}, found as Service ${service}` };
        log('info', 'prometheus candidate passed over', { service, url, reason: probed.reason, said: probed.text });
      }
    }
    return null;
  }

  return { source: () => source, look };
}

function sourceOf(wish: PrometheusWish): UsageSource {
  switch (wish.is) {
    case 'url':
      return { is: 'prometheus', url: wish.url, words: `Prometheus at ${wish.shown}` };
    case 'off':
      return { is: 'none', why: 'Prometheus is switched off', details: 'OOMKEEPER_PROMETHEUS_URL is off' };
    case 'search':
      return {
        is: 'none',
        why: 'no Prometheus was found yet',
        details: 'the search among the Services has just begun',
      };
  }
}
