import { Failure } from '../../core/failure.ts';
import type { Loaded } from '../../core/incident/incident.ts';
import { alarmOf } from '../../core/notify/alarm.ts';
import { thresholdFor } from '../../core/notify/alarm-rule.ts';
import { failedOnce, nextSend, refused, taken } from '../../core/notify/next-send.ts';
import type { NextSend } from '../../core/notify/next-send.ts';
import type { Told } from '../../core/notify/told.ts';
import { hourMs, secondMs } from '../../core/units/duration.ts';
import { oneAtATime } from '../show/one-at-a-time.ts';
import type { Shown } from '../show/one-at-a-time.ts';
import type { AlarmDocument, Receiver, TellNeeds } from './needs.ts';

/*
 * Brings the receivers up to date with an incident. What each was told is kept in a document of its own: written before
 * something is sent (it may arrive, whatever becomes of us), and again with the answer. So a crash in between repeats at
 * most what is harmless to repeat, and an alarm that may have arrived is always resolved.
 *
 * A lease keeps two bots from telling of one incident at a time: what one sends late must not overtake the newer thing
 * that another sent. Should it happen all the same, the second write is refused, nothing counts as certain any more, and
 * the newest state is sent again.
 *
 * A receiver that refuses everything is reported once and then tried every `refusedMs`, until its configuration changes.
 */
const leaseMs = 30 * secondMs;
const heldPauseMs = secondMs;
const refusedMs = hourMs;
/** More than any incident needs at once; it stays due. */
const mostRounds = 10;

/** Resolves when the receivers know the newest state or the work was postponed. @throws Failure if Redis is unreachable */
export type Tell = (incident: string) => Promise<Shown>;

interface Round {
  readonly loaded: Loaded;
  readonly document: AlarmDocument;
  readonly now: number;
}

interface Sending {
  readonly receiver: Receiver;
  readonly told: Told;
}

export function createTell(needs: TellNeeds): Tell {
  const { store, alarms, receivers, rules } = needs;

  const decide = async (receiver: Receiver, { loaded, document, now }: Round): Promise<NextSend> => {
    const from = thresholdFor(rules, receiver.kind, loaded.incident.subject);
    const { takesAcknowledged, everyMs } = receiver;
    const next = nextSend(loaded, document.told[receiver.name] ?? null, { from, takesAcknowledged, everyMs, now });
    if (next.do === 'nothing') return next;
    const refusal = await needs.refusals.of(receiver.name);
    const isRefusing = refusal?.configuration === receiver.configuration && now < refusal.until;
    return isRefusing ? { do: 'nothing', why: 'failed', until: refusal.until } : next;
  };

  const send = async ({ receiver, told }: Sending, { loaded }: Round): Promise<Told> => {
    const { name } = receiver;
    const about = { receiver: name, incident: loaded.incident.id };
    try {
      await receiver.send(alarmOf(loaded, told, await needs.link(loaded.incident.id)));
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure('unknown', String(error), { cause: error });
      return afterFailure({ receiver, told }, failure, about);
    }
    needs.counted(name, 'sent');
    if ((await needs.refusals.of(name)) !== null) {
      await needs.refusals.keep(name, null);
      needs.report('accepts', { ...about, failure: null });
    }
    return taken(told);
  };

  const afterFailure = async (
    { receiver, told }: Sending,
    failure: Failure,
    about: { readonly receiver: string; readonly incident: string },
  ): Promise<Told> => {
    const { name, configuration } = receiver;
    const now = await needs.now();
    if (failure.code === 'event-refused') {
      needs.counted(name, 'refused');
      needs.report('event-refused', { ...about, failure });
      return refused(told);
    }
    const isRefusal = failure.code === 'receiver-refused';
    if (isRefusal) {
      const before = await needs.refusals.of(name);
      if (before?.configuration !== configuration || before.why !== failure.message)
        needs.report('refuses', { ...about, failure });
      await needs.refusals.keep(name, { configuration, at: now, why: failure.message, until: now + refusedMs });
    }
    const askedMs = typeof failure.retry === 'object' ? failure.retry.afterMs : null;
    const after = failedOnce(told, now, isRefusal ? refusedMs : askedMs);
    needs.counted(name, after.gaveUp ? 'gave-up' : isRefusal ? 'refused' : 'failed');
    if (after.gaveUp) needs.report('gave-up', { ...about, failure });
    return after;
  };

  const sendAll = async (id: string, sendings: readonly Sending[], round: Round): Promise<void> => {
    const claims = Object.fromEntries(sendings.map(({ receiver, told }) => [receiver.name, told]));
    // What is only told again needs no claim: it arrived before.
    const claimed = sendings.every(({ told }) => told.sure)
      ? round.document
      : await alarms.write(id, { ...round.document, told: { ...round.document.told, ...claims } });
    if (claimed === null) return;
    const answers = await Promise.all(
      sendings.map(async (one) => [one.receiver.name, await send(one, round)] satisfies [string, Told]),
    );
    const stored = await alarms.write(id, { ...claimed, told: { ...claimed.told, ...Object.fromEntries(answers) } });
    if (stored === null) await doubt(id);
  };

  /** Somebody else sent meanwhile, so that nobody knows what arrived last. */
  const doubt = async (id: string): Promise<void> => {
    for (let tries = 0; tries < mostRounds; tries += 1) {
      const document = await alarms.read(id);
      const told = Object.fromEntries(
        Object.entries(document.told).map(([name, one]) => [name, { ...one, sure: false, retryAt: null }]),
      );
      if ((await alarms.write(id, { ...document, told })) !== null) return;
    }
  };

  const tellHeld = async (id: string): Promise<Shown> => {
    for (let rounds = 0; rounds < mostRounds; rounds += 1) {
      const [loaded, document, now] = await Promise.all([store.load(id), alarms.read(id), needs.now()]);
      if (loaded === null) {
        await alarms.settle(id, { version: 0, kills: 0 }, null);
        return { is: 'shown' };
      }
      const round = { loaded, document, now };
      const sendings: Sending[] = [];
      const times: number[] = [];
      for (const receiver of receivers) {
        const next = await decide(receiver, round);
        if (next.do === 'send') sendings.push({ receiver, told: next.told });
        else if (next.until !== null) times.push(next.until);
      }
      if (sendings.length > 0) {
        await sendAll(id, sendings, round);
        continue;
      }
      const until = times.length === 0 ? null : Math.min(...times);
      const seen = { version: loaded.incident.version, kills: loaded.tally.count };
      if (!(await alarms.settle(id, seen, until))) continue;
      return until === null ? { is: 'shown' } : { is: 'postponed', until, because: null };
    }
    return { is: 'shown' };
  };

  return oneAtATime(async (id) => {
    const giveBack = await needs.turn();
    try {
      const lease = await alarms.take(id, leaseMs);
      if (lease === null) {
        const until = (await needs.now()) + heldPauseMs;
        await alarms.postpone(id, until);
        return { is: 'postponed', until, because: null };
      }
      try {
        return await tellHeld(id);
      } finally {
        await lease.release();
      }
    } finally {
      giveBack();
    }
  });
}
