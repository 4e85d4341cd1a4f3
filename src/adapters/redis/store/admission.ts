import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { incidentId } from '../../../core/incident/incident-id.ts';
import type { Incident } from '../../../core/incident/incident.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import type { Admission, Ahead, WarningAdmission } from '../../../flow/needs.ts';
import type { Bounds } from '../bounds.ts';
import { readSilence } from './aside.ts';
import { commit } from './commit.lua.ts';
import { redisNow } from '../connection.ts';
import { parseReply } from './documents.ts';
import { killedPodText } from './killed-pods.ts';
import type { ClusterKeys } from '../keys.ts';
import type { RedisClient } from '../redis-client.ts';
import { guarded } from '../redis-failure.ts';

/** Lengths of an incident id that are tried in this order when a shorter one is taken. */
const idLengths = [4, 5, 6, 7, 8, 10, 12];

/** An open pointer moves only when an incident of the same subject opens or closes: more often than this is a fault. */
const mostMoves = 100;

const killReplySchema = z.union([
  z.tuple([z.enum(['known', 'moved', 'no-id'])]),
  z.tuple([z.enum(['opened', 'joined', 'open']), z.string()]),
]);

export interface AdmissionNeeds {
  readonly redis: RedisClient;
  readonly keys: ClusterKeys;
  readonly bounds: Bounds;
}

/** What an incident is opened with. */
type Beginning = Pick<Incident, 'firstKill' | 'mode' | 'silence' | 'warning' | 'alerts'>;

type Entrance = Omit<Beginning, 'silence'> & { readonly fingerprint: string; readonly counts: boolean };

/** A kill enters: see `Store.admit`. @throws Failure('no-incident-id' | 'admission-contended') */
export async function admit(needs: AdmissionNeeds, kill: Kill, mode: Incident['mode']): Promise<Admission> {
  const { fingerprint } = kill;
  const admission = await enter(needs, {
    firstKill: kill,
    mode,
    warning: null,
    alerts: [],
    fingerprint,
    counts: true,
  });
  if (admission.is === 'open') throw new Failure('bad-document', `The kill ${fingerprint} was taken for a warning`);
  return admission;
}

/** A warning enters: see `Store.warn`. @throws as `admit` */
export async function admitWarning(
  needs: AdmissionNeeds,
  { kill, warning, alert }: Ahead,
  mode: Incident['mode'],
): Promise<WarningAdmission> {
  const { fingerprint } = kill;
  const admission = await enter(needs, {
    firstKill: kill,
    mode,
    warning,
    alerts: alert === null ? [] : [alert],
    fingerprint,
    counts: false,
  });
  if (admission.is === 'joined') throw new Failure('bad-document', `The warning ${fingerprint} was taken for a kill`);
  return admission;
}

/**
 * Form `kill` of the commit script. The incident that is open, the last closed one, the silence and the time are read first, since
 * they decide which keys the script may touch and what a new document says; the script refuses when they have changed.
 */
async function enter(
  { redis, keys, bounds }: AdmissionNeeds,
  { fingerprint, counts, ...beginning }: Entrance,
): Promise<Admission | WarningAdmission> {
  const kill = beginning.firstKill;
  const openPointer = keys.openPointer(kill.subject);
  const lastPointer = keys.lastPointer(kill.subject);
  for (let moves = 0; moves < mostMoves; moves += 1) {
    const [open, last, silence, now] = await Promise.all([
      guarded(redis.get(openPointer)),
      guarded(redis.get(lastPointer)),
      readSilence(redis, keys, kill.subject),
      redisNow(redis),
    ]);
    const ids = open === null ? idLengths.map((length) => incidentId(kill.subject, fingerprint, length)) : [];
    const reply = await commit.run(
      redis,
      {
        ledger: keys.ledger,
        openPointer,
        lastPointer,
        due: keys.due,
        dueBot: keys.dueBot,
        open: keys.open,
        suspects: keys.suspects,
        suspectsOrder: keys.suspectsOrder,
        killedPods: keys.killedPods,
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
        at: killedAt(kill),
        kill: counts ? JSON.stringify(kill) : undefined,
        expectedOpen: open ?? undefined,
        expectedLast: last ?? undefined,
        ids,
        documentWithoutId: documentWithoutId(newIncident({ ...beginning, silence }, last, now)),
        ledgerMs: bounds.ledgerMs,
        recentKillsKept: bounds.recentKills,
        pod: killedPodText(kill),
        podsKept: bounds.killedPods,
        podsMs: bounds.closedMs,
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

/** ms UTC of the kill by the kernel's clock; where the API does not tell it, when the watcher saw it. */
function killedAt(kill: Kill): number {
  const finished = kill.finishedAt === null ? Number.NaN : Date.parse(kill.finishedAt);
  return Math.round(Number.isNaN(finished) ? kill.seenAt : finished);
}

function newIncident(beginning: Beginning, previous: string | null, now: number): Omit<Incident, 'id'> {
  return {
    schema: 1,
    version: 1,
    subject: beginning.firstKill.subject,
    state: { is: 'open' },
    openedAt: now,
    previous,
    explained: null,
    remediations: [],
    acknowledged: null,
    ...beginning,
  };
}

/** The script puts `{"id":"…",` before it, once it knows which id is free. */
function documentWithoutId(incident: Omit<Incident, 'id'>): string {
  return JSON.stringify(incident).slice(1);
}
