/** Somebody of the pretend workspace. */
export interface WorkspacePerson {
  readonly id: string;
  readonly name: string;
  readonly mayApprove?: boolean | undefined;
  readonly isBot?: boolean | undefined;
}

const second = /^(?:second|other|another)[-_ ]?approver\b|^approver[-_ ]?(?:2|b|two)\b/;

/**
 * The id of whom a story calls so: by id or name; `approver` is the first who may approve, `second-approver` the last
 * who may not by herself, anybody else the first who may not. Undefined where there is nobody like that.
 */
export function personCalled(people: readonly WorkspacePerson[], called: string): string | undefined {
  const humans = people.filter(({ isBot }) => isBot !== true);
  const named = humans.find(({ id, name }) => id === called || name === called);
  if (named !== undefined) return named.id;
  const [may, mayNot] = [true, false].map((right) => humans.filter((each) => (each.mayApprove === true) === right));
  if (second.test(called)) return (may?.[1] ?? mayNot?.at(-1))?.id;
  return (/^approver\b/.test(called) ? may : mayNot)?.[0]?.id;
}
