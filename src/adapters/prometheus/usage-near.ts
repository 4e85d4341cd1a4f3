import { containerKey } from '../../core/evidence/usage-now.ts';
import type { UsageCourse } from '../../core/evidence/usage-now.ts';
import { queryRange, serverOf } from './query-range.ts';
import type { Range, Server } from './query-range.ts';
import { escapeRegex, quoted } from './selector.ts';
import { coursesOf, usageNowQuery } from './usage-now.ts';
import type { UsageNowOptions } from './usage-now.ts';

const minuteMs = 60_000;
/** Pods in one query: with more of them its text grows beyond what proxies take. */
const podsAtOnce = 40;

/** An hour in steps of a minute, where a life takes the usual 10 min to settle. */
const usageLook = { metric: 'container_memory_working_set_bytes', back: 6, step: 0.1 } as const;
/** GA with 1.36, and measured where the node's kernel does it (domain.md section 2). */
const stallLook = { metric: 'container_pressure_memory_stalled_seconds_total', back: 0.4, step: 1 / 30 } as const;

type Named = Pick<UsageCourse, 'namespace' | 'pod' | 'container'>;

/**
 * What all containers use at this moment: one point each, in one query. Of the namespaces that are named, or of all.
 * @throws Failure `prometheus-…`
 */
export async function readUsagePoint(
  url: string,
  namespaces: readonly string[],
  { deadlineMs, fetch = globalThis.fetch, now = Date.now }: UsageNowOptions,
): Promise<readonly UsageCourse[]> {
  const at = now();
  const range = { from: at, to: at, stepMs: minuteMs };
  const series = queryRange(serverOf(url, fetch), usageNowQuery(namespaces), range, AbortSignal.timeout(deadlineMs));
  return coursesOf(await series);
}

/**
 * The last hour of some containers (six times what a life takes to settle), and the last minutes of the seconds that they stood still for want of memory (as
 * courses whose `bytes` are seconds; none where nobody measures it). @throws Failure `prometheus-…`
 */
export async function readUsageNear(
  url: string,
  containers: readonly Named[],
  { deadlineMs, settledMs, fetch = globalThis.fetch, now = Date.now }: UsageNowOptions & { readonly settledMs: number },
): Promise<{ readonly usage: readonly UsageCourse[]; readonly stalls: readonly UsageCourse[] }> {
  const server = serverOf(url, fetch);
  const signal = AbortSignal.timeout(deadlineMs);
  const wanted = new Set(containers.map(containerKey));
  const read = async (look: Look): Promise<readonly UsageCourse[]> => {
    const found: UsageCourse[] = [];
    for (let from = 0; from < containers.length; from += podsAtOnce) {
      const to = now();
      const range = { from: to - look.back * settledMs, to, stepMs: look.step * settledMs };
      found.push(...(await coursesNear(server, containers.slice(from, from + podsAtOnce), look.metric, range, signal)));
    }
    return found.filter((course) => wanted.has(containerKey(course)));
  };
  const [usage, stalls] = await Promise.all([read(usageLook), read(stallLook)]);
  return { usage, stalls };
}

interface Look {
  readonly metric: string;
  /** How far back and how closely, as shares of what a life takes to settle. */
  readonly back: number;
  readonly step: number;
}

async function coursesNear(
  server: Server,
  containers: readonly Named[],
  metric: string,
  range: Range,
  signal: AbortSignal,
): Promise<readonly UsageCourse[]> {
  const oneOf = (names: readonly string[]): string => quoted([...new Set(names)].map(escapeRegex).join('|'));
  const labels = [
    `namespace=~${oneOf(containers.map(({ namespace }) => namespace))}`,
    `pod=~${oneOf(containers.map(({ pod }) => pod))}`,
    `container=~${oneOf(containers.map(({ container }) => container))}`,
  ].join(',');
  const query = `max by (namespace,pod,container,id,name) (${metric}{${labels}})`;
  return coursesOf(await queryRange(server, query, range, signal));
}
