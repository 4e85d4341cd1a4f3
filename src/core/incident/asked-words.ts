import { clockTime, mostNamed, namesOf } from '../talk/words.ts';
import { roughDuration } from '../units/duration.ts';
import type { RemediationEvent } from './event.ts';

/*
 * What a thread says about a request, in replies that mention those who may approve it, because an edit of the root
 * notifies nobody. `{0}` … in the words are mentions of people and groups that policy names, by their ids.
 */

type Requested = Extract<RemediationEvent, { type: 'requested' }>;
type HalfApproved = Extract<RemediationEvent, { type: 'half-approved' }>;

/** A request: who may approve it, and who has approved it already. */
interface Asked {
  readonly approvers: readonly string[];
  readonly approvals: readonly { readonly by: string }[];
}

/** A request and how long it may still be approved. Times are ms UTC. */
interface Waiting extends Asked {
  readonly requested: { readonly by: string } | null;
  readonly expiresAt: number | null;
}

/** Ids of those who can give an approval that is missing: people and groups, at most `mostNamed`. */
export function askedOf(request: Asked): string[] {
  return missing(request).slice(0, mostNamed);
}

/** `{0}` asked, and `askedOf` follow. */
export function requestedWords(event: Requested, change: string): string {
  const until = untilWords(event.expiresAt, event.at);
  const who = whoWords(event, 1);
  if (event.approvals.length > 0)
    return `{0} asked for ${change} and approved it. Policy wants a second person: waiting for ${who} to approve${until}.`;
  return event.secondPerson
    ? `{0} asked for ${change}. Policy wants two people: waiting for ${who} to approve${until}.`
    : `{0} asked for ${change}. Waiting for ${who} to approve${until}.`;
}

/** `{0}` approved, and `askedOf` follow. */
export function halfApprovedWords(event: HalfApproved, change: string, expiresAt: number | null): string {
  const until = untilWords(expiresAt, event.at);
  return `{0} approved ${change}. Policy wants a second person: waiting for ${whoWords(event, 1)} to approve${until}.`;
}

/** Half of the time is over; `askedOf` are mentioned. `now` is ms UTC. */
export function remindedWords(request: Waiting, change: string, now: number): string {
  const { expiresAt } = request;
  const left = expiresAt === null ? '' : `, ${roughDuration(expiresAt - now)} left${untilWords(expiresAt, now)}`;
  return `Still waiting for ${whoWords(request, 0)} to approve ${change}${left}.`;
}

/** Nobody approved in time; those of `toldOfExpiry` are mentioned. */
export function expiredWords(request: Waiting, change: string): string {
  const first = toldOfExpiry(request).length - askedOf(request).length;
  const who = first === 0 ? '' : '{0} asked for it. ';
  return `Nobody approved ${change} in time, so the request expired and nothing changed. ${who}It was up to ${whoWords(request, first)}.`;
}

/** Whoever asked, then those who could have approved. */
export function toldOfExpiry(request: Waiting): string[] {
  const asked = askedOf(request);
  const by = request.requested?.by;
  return by === undefined || asked.includes(by) ? asked : [by, ...asked];
}

/** `A, B or 2 others`, where `named` stand for `askedOf`. */
export function askedPeople(request: Asked, named: readonly string[]): string {
  return named.length === 0 ? 'an approver' : namesOf(named, missing(request).length);
}

function missing({ approvers, approvals }: Asked): readonly string[] {
  return approvers.filter((one) => !approvals.some(({ by }) => by === one));
}

/** `{0} or {1}`; `first`: how many other people are mentioned before them. */
function whoWords(request: Asked, first: number): string {
  return askedPeople(
    request,
    askedOf(request).map((_, index) => `{${first + index}}`),
  );
}

function untilWords(expiresAt: number | null, now: number): string {
  return expiresAt === null ? '' : ` (expires ${clockTime(expiresAt, now)})`;
}
