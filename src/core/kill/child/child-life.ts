import { z } from 'zod';

/*
 * The processes that were killed in one life of a container while its first process lived on, numbered from 1. Three
 * witnesses tell of them, none of them always, each in its own time:
 *
 *   the kernel's message    names the process, at once; where somebody turns messages into Events
 *   the counter             says how many, a scrape later; the container's own kill is in it too
 *   the mark on a later exit says that there was at least one
 *
 * Each gives a number to what the others have not told of yet, so that the fingerprint made of it is the same whoever
 * saw it. What one of them told late is taken for one that is known.
 */
export const childLifeSchema = z.strictObject({
  /** What the counter stood at before anything here counts. */
  base: z.number().int(),
  /** Sum of what it stood at before each time that it began again at 0 (the kubelet restarted). */
  offset: z.number().int(),
  last: z.number().int(),
  countedAtMs: z.number().nullable(),
  /** A rise that may be the container's own kill, whose status is on its way: how many, and since when (ms UTC). */
  waiting: z.strictObject({ total: z.number().int(), sinceMs: z.number() }).nullable(),
  /** The first number was given to a mark, and no process has claimed it. */
  marked: z.boolean(),
  /** How many numbers are given. */
  given: z.number().int(),
  /** Process id and the number that it got; 0 for one that was counted before. */
  processes: z.array(z.tuple([z.number(), z.number().int()])),
});
export type ChildLife = z.infer<typeof childLifeSchema>;

/** Processes that are remembered by name. More in one life are only counted. */
const mostProcesses = 200;
/** More kills than this between two looks at a counter are not told one by one: the number is a lower bound then. */
const mostAtOnce = 100;

export function newChildLife(base: number): ChildLife {
  return { base, offset: 0, last: base, countedAtMs: null, waiting: null, marked: false, given: 0, processes: [] };
}

/** A step: the life afterwards, and the numbers of the kills that are to be told. */
export interface ChildStep {
  readonly life: ChildLife;
  readonly told: readonly number[];
}

/** The kernel's message about process `pid`; told again it gets the same number. */
export function nameProcess(life: ChildLife, pid: number, atMs: number): ChildStep {
  const known = life.processes.find(([one]) => one === pid);
  if (known !== undefined) return { life, told: known[1] === 0 ? [] : [known[1]] };
  const isCounted = life.countedAtMs !== null && atMs <= life.countedAtMs && life.waiting === null && life.given > 0;
  const isTold = isCounted || life.marked;
  const nth = isTold ? 0 : life.given + 1;
  const processes = [...life.processes, [pid, nth] satisfies [number, number]].slice(-mostProcesses);
  return {
    life: { ...life, processes, marked: life.marked && isCounted, given: Math.max(life.given, nth) },
    told: isTold ? [] : [nth],
  };
}

/** A later exit carries the mark of a kill: news only where nothing else told of one. */
export function nameMark(life: ChildLife): ChildStep {
  return life.given > 0 ? { life, told: [] } : { life: { ...life, marked: true, given: 1 }, told: [1] };
}

/** The counter at `atMs`. Nothing is told before the rise was there for `settleMs`. */
export function countChildren(
  life: ChildLife,
  { value, atMs, ownKills, settleMs }: { value: number; atMs: number; ownKills: number; settleMs: number },
): ChildStep {
  const offset = value < life.last ? life.offset + life.last : life.offset;
  const counted = { ...life, offset, last: value, countedAtMs: atMs };
  return settleChildren(counted, { nowMs: atMs, ownKills, settleMs });
}

/** Time has passed since the counter was read. */
export function settleChildren(
  life: ChildLife,
  { nowMs, ownKills, settleMs }: { nowMs: number; ownKills: number; settleMs: number },
): ChildStep {
  const total = Math.max(0, life.offset + life.last - life.base - ownKills);
  if (total <= life.given) return { life: { ...life, waiting: null }, told: [] };
  const waiting = life.waiting ?? { total, sinceMs: nowMs };
  if (nowMs - waiting.sinceMs < settleMs) return { life: { ...life, waiting }, told: [] };
  const ripe = Math.min(waiting.total, total);
  const first = Math.max(life.given, ripe - mostAtOnce) + 1;
  const told = Array.from({ length: Math.max(0, ripe - first + 1) }, (_, index) => first + index);
  const rest = total > ripe ? { total, sinceMs: nowMs } : null;
  return { life: { ...life, waiting: rest, given: Math.max(life.given, ripe) }, told };
}
