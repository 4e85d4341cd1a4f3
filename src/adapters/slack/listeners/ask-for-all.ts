import { setTimeout as sleep } from 'node:timers/promises';
import { isSilent } from '../../../core/incident/is-silent.ts';
import type { Incident, Request } from '../../../core/incident/incident.ts';
import type { StormMember } from '../../../core/incident/storm.ts';
import { bulkSentence } from '../../../core/talk/bulk-words.ts';
import type { BulkCounts } from '../../../core/talk/bulk-words.ts';
import { minuteMs } from '../../../core/units/duration.ts';
import type { Cluster, ListenerDeps } from './deps.ts';
import { requestId } from './record-click.ts';

/** How long whoever clicked waits for what workers decide, ms. */
const patienceMs = 20_000;
const firstLookMs = 150;
const lastLookMs = 2_000;
/** So many incidents are read at a time. */
const atOnce = 25;
/** So much of the audit record is read for the reason of a refusal. */
const mostLines = 1_000;

export type ForAll = Pick<Request, 'silence'> & { readonly action: 'acknowledge' | 'silence' };

export interface Asking extends ForAll {
  readonly storm: string;
  readonly user: string;
  /** The same for each delivery of one click. */
  readonly key: string;
}

/** What became of one incident; null while nobody has decided. */
type Outcome = keyof BulkCounts | null;

interface Asked {
  readonly cluster: Cluster;
  readonly member: StormMember;
  readonly request: string;
  outcome: Outcome;
}

/**
 * Asks for the same about each open incident of a storm: a request to each, which its worker decides as it would a single
 * click. Answers with one sentence of counts when all are decided, or after `patienceMs`. @throws Failure
 */
export async function askForAll(
  deps: ListenerDeps,
  asking: Asking,
): Promise<{ readonly text: string; readonly people: readonly string[] }> {
  const { storm, user, action } = asking;
  const mayNot = await deps.people.mayNotAsk(user);
  if (mayNot !== null) return { text: mayNot, people: [] };
  const members = (await deps.stormMembers(storm)).filter(({ open }) => open);
  if (members.length === 0)
    return { text: `Nothing of ${storm} is open any more, so nothing changed. /oom list shows what is.`, people: [] };
  const clusters = new Map((await deps.clusters()).map((cluster) => [cluster.name, cluster]));
  const groups = await deps.groupsOf(user);
  const askedAt = deps.now();
  const asked = members.flatMap((member): Asked[] => {
    const cluster = clusters.get(member.subject.cluster);
    const request = requestId(user, `${asking.key}\n${member.incident}`);
    return cluster === undefined ? [] : [{ cluster, member, request, outcome: null }];
  });
  await eachOf(asked, async (one) => {
    one.outcome = await ask(one, { ...asking, groups, at: askedAt });
  });
  await decided(asked, asking, deps.now);
  const count = (is: Outcome): number => asked.filter(({ outcome }) => outcome === is).length;
  const counts = {
    done: count('done'),
    before: count('before'),
    over: count('over') + members.length - asked.length,
    refused: count('refused'),
    waiting: count(null),
  };
  return withMentions(bulkSentence(action, counts, await reasonOf(asked, user, askedAt)));
}

/** Records the request, unless there is nothing to ask for. */
async function ask(
  { cluster, member: { incident }, request }: Asked,
  { action, silence, user, groups, at }: Asking & { readonly groups: readonly string[]; readonly at: number },
): Promise<Outcome> {
  const loaded = await cluster.store.load(incident);
  if (loaded === null || loaded.incident.state.is === 'closed') return 'over';
  if (isSo(loaded.incident, action, at)) return 'before';
  const recorded = await cluster.store.recordRequest({
    id: request,
    incident,
    action,
    plan: null,
    by: user,
    at,
    groups: [...groups],
    value: null,
    silence,
    ofMany: true,
  });
  if (recorded === 'no-incident') return 'over';
  await cluster.hints.advance(incident);
  return null;
}

/** Looks again and again until everything is decided or patience is over. */
async function decided(asked: readonly Asked[], { action }: Asking, now: () => number): Promise<void> {
  const until = now() + patienceMs;
  for (let pauseMs = firstLookMs; now() < until; pauseMs = Math.min(pauseMs * 1.5, lastLookMs)) {
    const open = asked.filter(({ outcome }) => outcome === null);
    if (open.length === 0) return;
    await sleep(pauseMs, undefined, { ref: false });
    await eachOf(open, async (one) => {
      const loaded = await one.cluster.store.load(one.member.incident);
      if (loaded === null) one.outcome = 'over';
      else if (!loaded.requests.some(({ id }) => id === one.request))
        one.outcome = isSo(loaded.incident, action, now())
          ? 'done'
          : loaded.incident.state.is === 'closed'
            ? 'over'
            : 'refused';
    });
  }
}

function isSo(incident: Incident, action: ForAll['action'], now: number): boolean {
  return action === 'acknowledge' ? incident.acknowledged !== null : isSilent(incident, now);
}

/** What the worker said of one of those that it refused; null without one. */
async function reasonOf(asked: readonly Asked[], user: string, since: number): Promise<string | null> {
  const refused = asked.find(({ outcome }) => outcome === 'refused');
  if (refused === undefined) return null;
  const { cluster, member } = refused;
  // Its clock and ours may differ.
  const lines = await cluster.store.audit(since - minuteMs, mostLines);
  const line = lines.findLast(
    ({ incident, by, what }) => incident === member.incident && by === user && what.startsWith('refused:'),
  );
  return line?.text ?? null;
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += atOnce)
    await Promise.all(all.slice(from, from + atOnce).map(async (one) => work(one)));
}

/** The audit record has ids where people are mentioned. */
function withMentions(text: string): { readonly text: string; readonly people: readonly string[] } {
  const people = [...new Set(text.match(/\b[UWS](?=[A-Z0-9]*\d)[A-Z0-9]{7,}\b/g))].slice(0, 10);
  return { text: people.reduce((words, id, at) => words.replaceAll(id, `{${at}}`), text), people };
}
