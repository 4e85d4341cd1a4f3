import { metricTable } from '../../../../src/adapters/telemetry/metric-table.ts';
import type { MetricDefinition, MetricLabel } from '../../../../src/adapters/telemetry/metric-table.ts';
import { foreignMetrics, metricsIn } from '../../../monitoring.ts';
import type { AlertGroups, Dashboard } from '../../../monitoring.ts';

interface Asked {
  readonly alerts: AlertGroups;
  readonly dashboard: Dashboard;
}

/** The content of `docs/metrics.md`, before it is formatted. */
export function metricsPage(asked: Asked): string {
  const own: readonly MetricDefinition[] = Object.values(metricTable);
  const ofNode = [...new Set(expressions(asked).flatMap(({ expr }) => metricsIn(expr)))]
    .filter((name) => /^(?:process|nodejs)_/.test(name))
    .map((name) => [name, "Node's own"] as const);
  return `# Metrics

<!-- Written from src/adapters/telemetry/metric-table.ts and deploy/monitoring by \`npm test -- metrics-page -u\`; change it there. -->

Every process serves them at \`/metrics\` on \`OOMKEEPER_OPS_PORT\`, each with the label \`process\`: \`watcher\`, \`worker\`,
\`bot\`, or \`all\` where the three are one. Values of labels that are known to come are 0 from the start, and what nobody could
foresee is 0 for one scrape, so that \`rate()\` and \`increase()\` see the first event too.

The dashboard is [dashboard.json](../deploy/monitoring/dashboard.json), the alerts are
[prometheus-rule.yaml](../deploy/monitoring/prometheus-rule.yaml) with a [runbook](runbooks.md) each.

## Of Oomkeeper

${table(
  ['Metric', 'Type', 'Process', 'What it counts', 'Asked by'],
  own.map((one) => [`\`${one.name}\``, one.type, one.in.join(', '), one.help, askedBy(one, asked)]),
)}

## Their labels

${table(
  ['Metric', 'Label', 'Values'],
  own.flatMap((one) => one.labels.map((label) => [`\`${one.name}\``, `\`${label.name}\``, valuesOf(label)])),
)}

## Of others

What alerts and dashboard ask for beside these. Without kube-state-metrics or cAdvisor those alerts and panels stay empty;
the rest works. Node's own \`process_*\` and \`nodejs_*\` are served by each process too.

${table(
  ['Metric', 'Of', 'Asked by'],
  [...ofNode, ...Object.entries(foreignMetrics)].map(([name, of]) => [
    `\`${name}\``,
    of,
    users(name, asked).join('<br>') || 'nobody',
  ]),
)}
`;
}

function askedBy(one: MetricDefinition, asked: Asked): string {
  const names = one.type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${one.name}_${part}`) : [one.name];
  const found = names.flatMap((name) => users(name, asked));
  return found.length > 0 ? found.join('<br>') : `no alert and no panel; by hand: \`${byHand(one)}\``;
}

/** A question for somebody who asks it alone. */
function byHand({ name, type, labels }: MetricDefinition): string {
  const by = labels.length === 0 ? '' : ` by (${labels.map((label) => label.name).join(', ')})`;
  return type === 'gauge' ? `max${by} (${name})` : `sum${by} (increase(${name}[1h]))`;
}

function users(metric: string, asked: Asked): readonly string[] {
  const found = expressions(asked).filter(({ expr }) => metricsIn(expr).includes(metric));
  return [...new Set(found.map(({ user }) => user))];
}

function expressions({ alerts, dashboard }: Asked): readonly { readonly user: string; readonly expr: string }[] {
  const rules = alerts.flatMap((group) => group.rules);
  return [
    ...rules.map(({ alert, expr }) => ({ user: `alert [${alert}](runbooks.md#${alert.toLowerCase()})`, expr })),
    ...dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ user: `panel _${title}_`, expr })),
    ),
  ];
}

function valuesOf({ values, others }: MetricLabel): string {
  const listed = values.map((value) => `\`${value}\``).join(', ');
  return others === undefined ? listed : `${listed}; ${others}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
