import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { incidentId } from '../../../core/incident/incident-id.ts';
import type { Incident, Warned } from '../../../core/incident/incident.ts';
import type { Alert } from '../../../core/incident/warning.ts';
import { imageRepository } from '../../../core/kill/image-repository.ts';
import { subjectKey, type Kill } from '../../../core/kill/kill.ts';
import { triggeredAtMs } from '../../../core/kill/trigger.ts';
import type { Admission, WarningAdmission } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import { readSilence } from './beside-incidents.ts';
import { commit } from './commit.lua.ts';
import { redisNow } from '../connection.ts';
import { parseReply } from '../documents/parse.ts';
import { stamped } from '../documents/stored.ts';
import { killDocument } from './incident-documents.ts';
import { killedPodText } from './killed-pods.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/** Lengths of an incident id, tried in this order when a shorter one is taken. */
const idLengths = [4, 5, 6, 7, 8, 10, 12];

/** The open pointer only moves when an incident of the same subject opens or closes: more often than this is a bug. */
const mostMoves = 100;

const killReplySchema = z.union([
  z.tuple([z.enum(['known', 'moved', 'no-id'])]),
  z.tuple([z.enum(['opened', 'joined', 'open']), z.string()]),
]);

export interface AdmissionNeeds {
  readonly redis: RedisClient;
  readonly cluster: string;
  readonly keys: ClusterKeys;
  readonly bounds: Bounds;
}

/** What an incident is opened with. */
type Beginning = Pick<Incident, 'trigger' | 'mode' | 'silence' | 'alerts'>;

/** Admits a kill: see `Store.admit`. @throws Failure('no-incident-id' | 'admission-contended') */
export async function admit(needs: AdmissionNeeds, kill: Kill, mode: Incident['mode']): Promise<Admission> {
  const admission = await enter(needs, { trigger: kill, mode, alerts: [] });
  if (admission.is === 'open')
    throw new Failure('bad-document', `The kill ${kill.fingerprint} was taken for a warning`);
  return admission;
}

/** Admits a warning: see `Store.warn`. @throws as `admit` */
export async function admitWarning(
  needs: AdmissionNeeds,
  warned: Warned,
  alert: Alert | null,
  mode: Incident['mode'],
): Promise<WarningAdmission> {
  const admission = await enter(needs, { trigger: warned, mode, alerts: alert === null ? [] : [alert] });
  if (admission.is === 'joined')
    throw new Failure('bad-document', `The warning ${warned.fingerprint} was taken for a kill`);
  return admission;
}

/**
 * Form `kill` of the commit script. The open incident, the last closed one, the silence and the time are read first,
 * because they decide which keys the script touches and what a new document says. The script refuses if they have
 * changed. @throws Failure('other-cluster') too: what is about another cluster would choose whose policy applies
 */
async function enter(
  { redis, cluster, keys, bounds }: AdmissionNeeds,
  beginning: Omit<Beginning, 'silence'>,
): Promise<Admission | WarningAdmission> {
  const { trigger } = beginning;
  const { fingerprint, subject } = trigger;
  if (subject.cluster !== cluster)
    throw new Failure('other-cluster', `${fingerprint} is of cluster ${subject.cluster}, and this is ${cluster}`);
  const openPointer = keys.openPointer(subject);
  const lastPointer = keys.lastPointer(subject);
  const repository = trigger.image === null ? null : imageRepository(trigger.image);
  for (let moves = 0; moves < mostMoves; moves += 1) {
    const [open, last, silence, now] = await Promise.all([
      guarded(redis.get(openPointer)),
      guarded(redis.get(lastPointer)),
      readSilence(redis, keys, subject),
      redisNow(redis),
    ]);
    const ids = open === null ? idLengths.map((length) => incidentId(subject, fingerprint, length)) : [];
    const reply = await commit.run(
      redis,
      {
        ledger: keys.ledger,
        openPointer,
        lastPointer,
        due: keys.due,
        dueBot: keys.dueBot,
        dueAlarms: keys.dueAlarms,
        open: keys.open,
        suspects: keys.suspects,
        suspectsOrder: keys.suspectsOrder,
        killedPods: keys.killedPods,
        ...(repository === null ? {} : { image: keys.image(repository) }),
        ...Object.fromEntries(
          (open === null ? ids : [open]).flatMap((id) => [
            [`incident:${id}`, keys.of(id).incident],
            [`recent:${id}`, keys.of(id).recent],
          ]),
        ),
      },
      {
        form: 'kill',
        fingerprint,
        at: Math.round(triggeredAtMs(trigger)),
        kill: trigger.kind === 'ahead' ? undefined : killDocument.write(trigger),
        expectedOpen: open ?? undefined,
        expectedLast: last ?? undefined,
        ids,
        documentWithoutId: documentWithoutId(newIncident({ ...beginning, silence }, last, now)),
        ledgerMs: bounds.ledgerMs,
        recentKillsKept: bounds.recentKills,
        pod: killedPodText(trigger),
        podsKept: bounds.killedPods,
        podsMs: bounds.closedMs,
        subject: subjectKey(subject),
        imageKillsKept: bounds.imageKills,
      },
    );
    const [is, incident] = parseReply('admit', killReplySchema, reply);
    switch (is) {
      case 'known':
        return { is };
      case 'opened':
      case 'joined':
      case 'open':
        return { is, incident };
      case 'no-id':
        throw new Failure('no-incident-id', `All ids for an incident of fingerprint ${fingerprint} are taken`);
      case 'moved':
        break;
    }
  }
  throw new Failure('admission-contended', `The incident of fingerprint ${fingerprint} did not hold still`, {
    retry: 'backoff',
  });
}

function newIncident(beginning: Beginning, previous: string | null, now: number): Omit<Incident, 'id'> {
  return {
    version: 1,
    subject: beginning.trigger.subject,
    state: { is: 'open' },
    openedAt: now,
    previous,
    explained: null,
    remediations: [],
    acknowledged: null,
    impact: null,
    notified: [],
    ...beginning,
  };
}

/** The script prepends `{"id":"…",` once it knows which id is free. */
function documentWithoutId(incident: Omit<Incident, 'id'>): string {
  return stamped('incident', incident).slice(1);
}
