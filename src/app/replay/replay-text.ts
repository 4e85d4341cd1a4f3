import { formatBytes } from '../../core/units/quantity.ts';
import type { ReplayIgnored, ReplayIncident } from './replay-findings.ts';
import { counted } from '../../core/talk/words.ts';
import { textTable } from '../command-line/text-table.ts';

const unseen =
  'No watch event shows the kill of a single process while its container lives on; --metrics FILE with samples of container_oom_events_total does.';

/** Aligned lines for a person: incidents, then what was ignored, then a sentence that sums up, and what could not be seen. */
export function replayText(
  incidents: readonly ReplayIncident[],
  ignored: readonly ReplayIgnored[],
  read: { readonly lines: number; readonly metrics: boolean },
): string {
  const sections = [textTable(incidents.map(incidentCells)), textTable(ignored.map(ignoredCells))];
  const paragraphs = [
    ...sections.filter((section) => section !== ''),
    summary(incidents, read.lines),
    ...(read.metrics ? [] : [unseen]),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

function incidentCells(found: ReplayIncident): readonly string[] {
  return [
    found.incident,
    found.suspect ? `suspect ${found.kind}` : found.kind,
    named(found),
    counted(found.kills, 'kill'),
    found.kills === 1 ? found.firstKilledAt : `${found.firstKilledAt} to ${found.lastKilledAt}`,
    found.limitBytes === null ? 'no limit' : `limit ${formatBytes(found.limitBytes)}`,
    exit(found),
    found.startedBeforeWatch ? 'before the watch began' : '',
  ];
}

function ignoredCells(found: ReplayIgnored): readonly string[] {
  return [`ignored: ${found.ignored}`, named(found), found.pod, found.at, exit(found)];
}

function named({ workload, container }: ReplayIncident | ReplayIgnored): string {
  const owner = `${workload.namespace ?? '-'}/${workload.kind}/${workload.name}`;
  return container === null ? owner : `${owner} ${container}`;
}

function exit({ exitCode, reason }: ReplayIncident | ReplayIgnored): string {
  return [reason ?? '', exitCode === null ? '' : String(exitCode)].join(' ').trim();
}

function summary(incidents: readonly ReplayIncident[], lines: number): string {
  const sure = incidents.filter(({ suspect }) => !suspect);
  const suspects = incidents.length - sure.length;
  const kills = sure.reduce((sum, { kills: some }) => sum + some, 0);
  const read = counted(lines, 'line');
  const said =
    sure.length === 0
      ? `No memory kill in ${read}`
      : `${counted(sure.length, 'incident')}, ${counted(kills, 'kill')} in ${read}`;
  return suspects === 0 ? `${said}.` : `${said}; ${counted(suspects, 'workload')} with unexplained SIGKILLs.`;
}
