import { createHash } from 'node:crypto';

import type { Kill } from '../../../src/core/kill/kill.ts';
import { killAt, Mi, minute } from '../../fixtures/findings.ts';
import { aKill } from '../../fixtures/incidents.ts';
import type { SentSeries } from './remote-write.ts';

/*
 * Workloads in the time scale of production, as a Prometheus that scrapes every 30 s would have stored them: cAdvisor's
 * rows with times of their own, without a marker at their end, and the rows that have one.
 */
export const everyMs = 30_000;
const hour = 60 * minute;
export const day = 24 * hour;
const limitBytes = 256 * Mi;

export interface Workload {
  readonly name: string;
  /** Oldest first. */
  readonly kills: readonly Kill[];
  readonly pods: readonly string[];
  readonly series: readonly SentSeries[];
}

/** Bytes at ms before the kill (0 = at the kill) of a run of so many ms; more than the limit kills. */
export type Need = (leftMs: number, runMs: number) => number;

/** Flat, and in the last 4 min up to what it needs at its peak, which it does not reach. */
export const rampPeak = 290 * Mi;
export const ramp: Need = (left) => {
  const from = 150 * Mi;
  const speed = (limitBytes - from) / (4 * minute);
  return Math.max(from, limitBytes - left * speed);
};

/** One slow line from its start to the limit. */
export const leaking: Need = (left, runMs) => 110 * Mi + (limitBytes - 110 * Mi) * (1 - left / runMs);

const hexOf = (seed: string): string => createHash('sha256').update(seed).digest('hex');

/** Always the same, between -1 and 1. */
function noise(t: number): number {
  const x = Math.sin(t / 7919) * 43_758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

/** Moments of scrapes: cAdvisor's rows are up to 10 s older than the scrape. */
function scrapes(from: number, to: number, stepMs = everyMs): readonly number[] {
  const first = Math.ceil(from / stepMs) * stepMs;
  const count = Math.max(0, Math.floor((to - first) / stepMs) + 1);
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * stepMs;
    return Math.max(from, Math.round(at - 5000 + 4000 * noise(at)));
  }).filter((t) => t <= to);
}

interface RunOfPod {
  readonly name: string;
  readonly pod: string;
  readonly from: number;
  readonly to: number;
  readonly bytes: (t: number) => number;
  /** Packets a second. */
  readonly load?: (t: number) => number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Rows other than the working set are this long. */
  readonly othersMs?: number;
  readonly stepMs?: number;
}

function cgroupOf({ name, pod, from }: Pick<RunOfPod, 'name' | 'pod' | 'from'>): string {
  return hexOf(`${name}/${pod}/${from}`);
}

/** The rows of one run of one container, of its pod, and of kube-state-metrics. */
export function rowsOf(run: RunOfPod): readonly SentSeries[] {
  const { pod, from, to, bytes, load = () => 100, labels = {}, othersMs = 3 * hour, stepMs = everyMs } = run;
  const hex = cgroupOf(run);
  const uid = `/kubepods/burstable/pod${hexOf(pod).slice(0, 32)}`;
  const common = { namespace: 'shop', pod, job: 'kubelet', instance: '192.0.2.2:10250', node: 'node-1', ...labels };
  const container = { ...common, container: 'app', id: `${uid}/${hex}`, name: hex, image: 'shop:1' };
  const whole = { ...common, id: uid };
  const times = scrapes(from, to, stepMs);
  const late = times.filter((t) => t >= to - othersMs);
  const used = (t: number): number => Math.round(Math.min(limitBytes, bytes(t) * (1 + 0.01 * noise(t))));
  const row = (name: string, of: object, at: readonly number[], value: (t: number) => number): SentSeries => ({
    labels: { __name__: name, ...of },
    points: at.map((t) => ({ t, v: value(t) })),
  });
  const seldom = times.filter((_, index) => index % 8 === 0);
  const packets = {
    ...whole,
    id: `${uid}/${hexOf(`${pod}/pause`)}`,
    interface: 'eth0',
    image: 'pause',
    name: hexOf('p'),
  };
  let counted = 0;
  return [
    row('container_memory_working_set_bytes', container, times, used),
    row('container_memory_rss', container, late, (t) => Math.round(used(t) * 0.95)),
    row('container_memory_usage_bytes', container, late, (t) => used(t) + Mi),
    row('container_memory_cache', container, late, () => 2 * Mi),
    row('container_memory_working_set_bytes', whole, late, (t) => used(t) + Mi),
    row(
      'container_network_receive_packets_total',
      packets,
      late,
      (t) => (counted += Math.round((load(t) * stepMs) / 1000)),
    ),
    ended(
      row('container_spec_memory_limit_bytes', container, seldom, () => limitBytes),
      to,
    ),
    ended(
      row('container_start_time_seconds', container, seldom, () => Math.floor(from / 1000)),
      to,
    ),
  ];
}

function ended(series: SentSeries, at: number): SentSeries {
  return { ...series, points: [...series.points, { t: at + 1000, v: null }] };
}

export const podOf = (name: string, suffix = '11111'): string => `${name}-bbbbbbb-${suffix}`;

export function killOf(name: string, at: number, runMs: number): Kill {
  const pod = podOf(name);
  const hex = cgroupOf({ name, pod, from: at - runMs });
  const { subject } = aKill();
  return killAt(at, runMs, {
    pod,
    limitBytes,
    fingerprint: `prod/${pod}/app/${at}`,
    containerId: `containerd://${hex}`,
    subject: { ...subject, workload: { kind: 'Deployment', name } },
  });
}

/** One run that is killed at `at`, and the next one since. */
export function killedOnce(
  name: string,
  at: number,
  runMs: number,
  need: Need,
  { now, stepMs = everyMs }: { readonly now: number; readonly stepMs?: number },
): Workload {
  const pod = podOf(name);
  const load = (t: number): number => (need === ramp && t > at - 4 * minute ? 400 : 100 + 10 * noise(t));
  return {
    name,
    pods: [pod],
    kills: [killOf(name, at, runMs)],
    series: [
      ...rowsOf({ name, pod, from: at - runMs, to: at, bytes: (t) => need(at - t, runMs), load, stepMs }),
      ...rowsOf({ name, pod, from: at + 2000, to: now, bytes: () => 110 * Mi, stepMs }),
    ],
  };
}
