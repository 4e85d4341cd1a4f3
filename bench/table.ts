import type { Peer, Report } from './report.ts';

/** A report as a person reads it. */
export function tableOf(report: Report): string {
  const { bench, n, unit, peers, rssBytes, machine, node, at } = report;
  const rows = [rowOf(bench, report), ...Object.entries(peers).map(([name, peer]) => rowOf(`${bench}, ${name}`, peer))];
  const memory = rssBytes === undefined ? '' : `; our processes together ${Math.round(rssBytes / 2 ** 20)} MiB`;
  return `${rows.join('\n')}\n  n = ${n}, ${unit}${memory}; ${machine}; Node ${node}; ${at}\n`;
}

function rowOf(name: string, measured: Peer | Report): string {
  const words =
    'perSecond' in measured
      ? `${measured.perSecond} a second, floor ${measured.floor.perSecond}, ratio ${measured.ratio.perSecond}`
      : `p50 ${measured.p50} (floor ${measured.floor.p50}, x ${measured.ratio.p50}), ` +
        `p99 ${measured.p99} (floor ${measured.floor.p99}, x ${measured.ratio.p99})`;
  return `${name.padEnd(16)} ${words}`;
}
