import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { counterFromZero } from './counter-from-zero.ts';
import { knownValues, metricTable } from './metric-table.ts';
import type { MetricDefinition } from './metric-table.ts';

/** The metrics of one process. */
export function createMetrics(process: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  const about = <Name extends string>({ name, help, labels }: MetricDefinition<Name>) => ({
    name,
    help,
    labelNames: labels.map((label) => label.name),
    registers: [registry],
  });
  const counter = <Name extends string>(definition: MetricDefinition<Name>) =>
    counterFromZero({ ...about(definition), known: knownValues(definition, process) });
  const gauge = <Name extends string>(definition: MetricDefinition<Name>) => new Gauge(about(definition));
  return {
    registry,
    killsSeen: counter(metricTable.killsSeen),
    terminationsIgnored: counter(metricTable.terminationsIgnored),
    watchReconnects: counter(metricTable.watchReconnects),
    linesDropped: counter(metricTable.linesDropped),
    admissions: counter(metricTable.admissions),
    warnings: counter(metricTable.warnings),
    alerts: counter(metricTable.alerts),
    requestsRefused: counter(metricTable.requestsRefused),
    slackRefused: counter(metricTable.slackRefused),
    deadLetters: gauge(metricTable.deadLetters),
    jobsFailed: counter(metricTable.jobsFailed),
    documentsUnreadable: counter(metricTable.documentsUnreadable),
    setAside: new Counter(about(metricTable.setAside)),
    hintsLost: counter(metricTable.hintsLost),
    showTroubles: counter(metricTable.showTroubles),
    alarmsSent: counter(metricTable.alarmsSent),
    receiverRefuses: gauge(metricTable.receiverRefuses),
    stepSeconds: new Histogram({
      ...about(metricTable.stepSeconds),
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    }),
    lastActivity: gauge(metricTable.lastActivity),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
