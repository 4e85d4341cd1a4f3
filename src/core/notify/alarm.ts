import { limitAt } from '../kill/limit-at.ts';
import type { Loaded } from '../incident/incident.ts';
import { proposals } from '../incident/transition.ts';
import { firstTrigger } from '../incident/triggers.ts';
import { killedAtMs } from '../kill/kill.ts';
import type { Subject } from '../kill/kill.ts';
import type { Trigger } from '../kill/trigger.ts';
import { killWords } from '../talk/kill-words.ts';
import { changeWords } from '../talk/plan-words.ts';
import { counted, sentence } from '../talk/words.ts';
import { formatBytes } from '../units/quantity.ts';
import { impactWords } from './impact-words.ts';
import type { Severity } from './severity.ts';
import type { AlarmState, Told } from './told.ts';

/** An incident as it is told to those who wake people. Its texts are plain, and have names of the cluster in them. */
export interface Alarm {
  /** The same for an incident as long as it is known; at most 100 characters. */
  readonly key: string;
  readonly state: AlarmState;
  readonly severity: Severity;
  /** Under which severity it was told before, where that has changed. */
  readonly before: Severity | null;
  /** ms UTC since when it fires, and now. */
  readonly since: number;
  readonly now: number;
  readonly incident: string;
  readonly subject: Subject;
  readonly kind: Trigger['kind'];
  /** One line that says it all. */
  readonly summary: string;
  readonly details: Readonly<Record<string, string>>;
  /** Where its thread is; null while there is none. */
  readonly link: string | null;
}

export function alarmOf(loaded: Loaded, { state, severity, before, since, sentAt }: Told, link: string | null): Alarm {
  const { id, subject } = loaded.incident;
  return {
    key: `oomkeeper:${subject.cluster}:${id}`,
    state,
    severity,
    before,
    since,
    now: sentAt,
    incident: id,
    subject,
    kind: firstTrigger(loaded).kind,
    summary: summaryOf(loaded),
    details: detailsOf(loaded, severity),
    link,
  };
}

/** `OOMKilled: checkout (namespace shop, cluster prod). Limit too low: steady at 505Mi under a limit of 512Mi.` */
function summaryOf(loaded: Loaded): string {
  const { subject, explained } = loaded.incident;
  const { cluster, namespace, workload } = subject;
  const trigger = firstTrigger(loaded);
  const what = `${trigger.kind !== 'ahead' && trigger.suspect ? 'Perhaps ' : ''}${killWords[trigger.kind]}`;
  const where = namespace === null ? `cluster ${cluster}` : `namespace ${namespace}, cluster ${cluster}`;
  const why = explained?.diagnosis.hypotheses[0]?.sentence;
  return `${what}: ${workload.name} (${where}).${why === undefined ? '' : ` ${sentence(why)}`}`;
}

function detailsOf(loaded: Loaded, severity: Severity): Readonly<Record<string, string>> {
  const { incident, tally } = loaded;
  const { subject, explained, impact } = incident;
  const last = tally.recent.at(-1);
  const limitBytes = last === undefined ? null : limitAt(last);
  const [offered] = proposals(incident);
  const found: Readonly<Record<string, string | null | undefined>> = {
    incident: incident.id,
    cluster: subject.cluster,
    namespace: subject.namespace,
    workload: `${subject.workload.kind}/${subject.workload.name}`,
    container: subject.container,
    severity,
    impact: impact === null ? null : impactWords(impact).join(', '),
    owner: impact?.owner?.name,
    kills: last === undefined ? null : `${counted(tally.count, 'kill')}, the last at ${isoTime(killedAtMs(last))}`,
    limit: limitBytes === null ? null : formatBytes(limitBytes),
    cause: explained?.diagnosis.hypotheses[0]?.sentence,
    proposed: offered === undefined ? null : changeWords(offered.plan),
  };
  return Object.fromEntries(Object.entries(found).flatMap(([name, text]) => (text ? [[name, text]] : [])));
}

function isoTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
