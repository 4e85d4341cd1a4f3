import type { Evidence, UsageHistory } from '../../core/evidence/evidence.ts';
import { Failure } from '../../core/failure.ts';
import type { UsageQuery } from '../../core/evidence/usage-query.ts';
import { createAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { lookAt } from './look-at.ts';
import { serverOf } from './query-range.ts';
import { subjectOf } from './selector.ts';
import type { Subject } from './selector.ts';
import { windowsOf } from './windows.ts';

export interface PrometheusOptions {
  /** Base of a Prometheus-compatible API, with credentials or without; null = there is none. */
  readonly url: string | null;
  /** ms that one query may take. */
  readonly deadlineMs: number;
  /** What was asked a moment ago, where it is to be kept from one question to the next. */
  readonly answers?: Answers;
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => number;
}

/** Usage history from a Prometheus-compatible server. `usage` never throws: it says why there is none. */
export function createPrometheus({
  url,
  deadlineMs,
  fetch = globalThis.fetch,
  now = Date.now,
  answers = createAnswers(now),
}: PrometheusOptions): {
  readonly usage: (query: UsageQuery) => Promise<Evidence<UsageHistory>>;
} {
  const server = url === null ? null : serverOf(url, fetch);

  async function usage(query: UsageQuery): Promise<Evidence<UsageHistory>> {
    const endsAt = performance.now() + deadlineMs;
    let source = '';
    const missing = (reason: string): Evidence<UsageHistory> => ({ found: false, reason, source, at: now() });
    let tooMuch: Failure | null = null;
    for (const asked of lessAndLess(query)) {
      const subject = subjectOf(query, asked);
      const windows = windowsOf(query, asked.share);
      const from = query.to - (query.to - query.from) * asked.share;
      source = `${subject.selector}, ${new Date(from).toISOString()} to ${new Date(query.to).toISOString()}${asked.words}`;
      if (server === null) return missing('no Prometheus is configured; set OOMKEEPER_PROMETHEUS_URL');
      try {
        const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
        const { history, lacks } = await lookAt({ server, answers, deadlineMs: leftMs }, query, subject, windows);
        source += lacks;
        if (history.runs.length + history.siblings.length + (history.pods?.length ?? 0) > 0)
          return { found: true, value: history, source, at: now() };
        return missing(
          `Prometheus has no container_memory_working_set_bytes of ${query.namespace}/${query.pod}, container ${query.container}, in that window; its run may have been shorter than a scrape, or cAdvisor is not scraped`,
        );
      } catch (error) {
        if (!(error instanceof Failure)) return missing(`its usage could not be read: ${String(error)}`);
        if (error.code !== 'prometheus-too-large') return missing(error.message);
        tooMuch = error;
      }
    }
    return missing(`${tooMuch?.message ?? ''}, even for the killed pods alone and for a part of the time`);
  }

  return { usage };
}

interface AskedFor extends Pick<Subject, 'onlyKilled'> {
  /** Which part of the time, the last one. */
  readonly share: number;
  /** What is not as usual, for the source; '' = nothing. */
  readonly words: string;
}

/** What to ask for, and if the answer is too large what to ask for then. */
function lessAndLess({ pod }: UsageQuery): readonly AskedFor[] {
  const because = 'because the answer to the whole question was too large';
  return [
    { onlyKilled: false, share: 1, words: '' },
    { onlyKilled: true, share: 1, words: `; only ${pod} and the killed pods, ${because}` },
    { onlyKilled: true, share: 1 / 8, words: `; only ${pod} and the killed pods, and only lately, ${because}` },
  ];
}
