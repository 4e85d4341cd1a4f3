import { expect, test } from 'vitest';
import type { Entry, RemediationState, Request } from '../../../src/core/incident/incident.ts';
import { remediationStates } from '../../../src/core/incident/incident.ts';
import { aRemediation } from '../../fixtures/incidents.ts';
import { amira, hour, sam, useWorlds } from './worker-world.ts';

/*
 * Nobody who clicks is left without an entry: a line in the thread with their id, or an answer for them alone. For
 * every state that a remediation can be in, every action, and somebody who may and who may not approve, in both modes.
 */
const worlds = useWorlds();

const actions: readonly Request['action'][] = ['apply', 'approve', 'reject', 'acknowledge'];
const cases = (['act', 'observe'] as const).flatMap((mode) =>
  (['nobody', 'proposed-nothing', ...remediationStates] as const).map((state) => ({ mode, state })),
);

function speaksTo(entry: Entry, user: string): boolean {
  return entry.audience.to === 'person' ? entry.audience.user === user : entry.people.includes(user);
}

test.each(cases)('in mode $mode, $state: everybody who asks gets an entry', async ({ mode, state }) => {
  const world = await worlds.open({ mode, approvers: state === 'nobody' ? [] : [amira] });
  const id = await world.killed();
  await world.look(id);
  const at = await world.now();
  if (state !== 'nobody' && state !== 'proposed-nothing') {
    const { plan } = await world.remediation(id);
    await world.store.update(id, ({ incident }) => ({
      incident: { ...incident, remediations: [{ ...aRemediation(state), plan, ...timesOf(state, at) }] },
      entries: [],
      audit: [],
      decided: [],
      dueAt: at,
    }));
  }

  for (const action of actions)
    for (const who of [sam, amira]) {
      const plan = state === 'proposed-nothing' ? 'PLAN-000000' : undefined;
      const before = (await world.entries(id)).length;
      await world.ask(id, action, who, plan);
      await world.look(id);

      const after = (await world.entries(id)).slice(before);
      expect(after.filter((entry) => speaksTo(entry, who)).length, `${action} by ${who}`).toBeGreaterThan(0);
      expect((await world.load(id)).requests).toEqual([]);
    }
});

test('a click on a closed incident is answered as well', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  world.pass(24 * hour);
  await world.look(id);

  for (const action of actions) await world.ask(id, action, sam);
  await world.look(id);

  expect(await world.answers(id, sam)).toHaveLength(actions.length);
  expect(await world.dueAt(id)).toBeNull();
});

/** What a remediation in that state knows of its times. */
function timesOf(state: RemediationState, at: number) {
  return {
    means: 'resize' as const,
    approved: ['requested', 'proposed', 'rejected', 'expired'].includes(state) ? null : { by: amira, at },
    rejected: state === 'rejected' ? { by: amira, at, reason: '' } : null,
    applyingSince: at,
    writtenAt: at,
    expiresAt: at + hour,
    applied: { at, seen: 'it runs.' },
    verifyAt: at + hour,
  };
}

test('what is refused of a click for many is told once by the bot, so that the thread and the person get nothing', async () => {
  const world = await worlds.open();
  const id = await world.killed();
  await world.look(id);
  await world.ask(id, 'acknowledge', amira);
  await world.look(id);
  const before = await world.entries(id);

  await world.ask(id, 'acknowledge', sam, undefined, { ofMany: true });
  await world.look(id);

  expect(await world.entries(id)).toEqual(before);
  expect((await world.load(id)).requests).toEqual([]);
  expect(await world.store.audit(0, 100)).toContainEqual(
    expect.objectContaining({ incident: id, by: sam, what: 'refused:already-acknowledged' }),
  );
});
