import { expect, test } from 'vitest';
import { clusterKeys } from '../../../src/adapters/redis/keys.ts';
import { readSilence } from '../../../src/adapters/redis/store/beside-incidents.ts';
import { slackIds } from '../../../src/adapters/slack/approver-ids.ts';
import { policyFileSchema } from '../../../src/core/approve/policy.ts';
import { Mi } from '../../fixtures/incidents.ts';
import { amira, hour, minute, sam, useWorlds, type WorldChanges } from './worker-world.ts';

const worlds = useWorlds();
const ben = 'UBEN';

async function proposed(changes: WorldChanges = {}) {
  const world = await worlds.open(changes);
  const id = await world.killed();
  await world.look(id);
  return { ...world, id };
}

const twoPersons = policyFileSchema(slackIds).parse({
  approvals: [{ who: [amira, ben], secondPerson: true }],
}).approvals;

test('where policy wants two, nothing happens until somebody else approves', async () => {
  const { id, ...world } = await proposed({ rules: twoPersons });
  await world.ask(id, 'apply', amira);
  await world.look(id);
  const asked = await world.remediation(id);
  await world.ask(id, 'approve', amira);
  await world.look(id);
  const alone = [...world.cluster.writes];
  await world.ask(id, 'approve', ben);
  await world.look(id);

  expect(asked).toMatchObject({ state: 'requested', secondPerson: true, approvers: [amira, ben] });
  expect(alone).toEqual([]);
  expect((await world.answers(id, amira)).at(-1)).toContain('second person');
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});

test('while changes are paused nothing is approved, and what is under way waits', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', amira);
  await world.lookWith(id, {}, 1);
  await world.store.keepPause(
    { by: ben, at: await world.now(), reason: 'release' },
    { what: 'paused', by: 'U1', at: 5, reason: '' },
  );
  await world.look(id);
  await world.ask(id, 'approve', amira);
  await world.look(id);
  const paused = [...world.cluster.writes];
  await world.store.keepPause(null, { what: 'resumed', by: 'U1', at: 6, reason: '' });
  await world.look(id);

  expect(paused).toEqual([]);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 640Mi']);
});

test('an edited value takes the place of the proposed one and is applied', async () => {
  const { id, ...world } = await proposed();
  const { plan } = await world.remediation(id);
  await world.ask(id, 'edit', amira, plan.id, { value: '700Mi' });
  await world.look(id);

  expect(world.cluster.writes).toEqual(['resize pod-1 to 700Mi']);
  const { remediations } = await world.incident(id);
  expect(remediations.map(({ plan: one }) => one.to.limitBytes)).toEqual([700 * Mi]);
  expect((await world.thread(id)).find((line) => line.includes('700Mi'))).toContain('instead of limit 640Mi');
});

test('somebody who may not approve asks for a value, and an approver says yes to just that', async () => {
  const { id, ...world } = await proposed();
  const { plan } = await world.remediation(id);
  await world.ask(id, 'edit', sam, plan.id, { value: '700Mi' });
  await world.look(id);
  const asked = await world.remediation(id);
  await world.ask(id, 'approve', amira, asked.plan.id);
  await world.look(id);

  expect(asked.state).toBe('requested');
  expect(world.cluster.writes).toEqual(['resize pod-1 to 700Mi']);
});

const bad: readonly [string, string, RegExp][] = [
  ['a number without a unit', '512', /Did you mean 512Mi/],
  ['less than nothing', '-1Gi', /more than nothing/],
  ['more than any machine has', '9Ei', /more than any machine/],
  ['an exponent', '1e99', /more than any machine/],
  ['less than it uses', '100Mi', /would kill it at once/],
  ['nothing', '', /Nothing was typed/],
];

test.each(bad)('%s is refused with a sentence, and the plan stays', async (_, value, why) => {
  const { id, ...world } = await proposed();
  const { plan } = await world.remediation(id);
  await world.ask(id, 'edit', amira, plan.id, { value });
  await world.look(id);

  expect((await world.answers(id, amira)).at(-1)).toMatch(why);
  expect((await world.answers(id, amira)).at(-1)).toContain('Nothing changed.');
  expect(world.cluster.writes).toEqual([]);
  expect(await world.remediation(id)).toMatchObject({ state: 'proposed', plan: { id: plan.id } });
});

test('a value beyond what policy allows is refused, and a smaller one is not', async () => {
  const { approvals } = policyFileSchema(slackIds).parse({ approvals: [{ who: [amira], upTo: '1.3x' }] });
  const { id, ...world } = await proposed({ rules: approvals });
  const { plan } = await world.remediation(id);
  await world.ask(id, 'edit', amira, plan.id, { value: '900Mi' });
  await world.look(id);
  const refused = (await world.answers(id, amira)).at(-1);
  await world.ask(id, 'edit', amira, plan.id, { value: '650Mi' });
  await world.look(id);

  expect(refused).toContain('Policy allows nobody to approve as much');
  expect(world.cluster.writes).toEqual(['resize pod-1 to 650Mi']);
});

test('a silence over the workload covers its next incident, and ends by itself', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'silence', amira, undefined, {
    plan: null,
    silence: { scope: 'workload', forMs: hour },
    value: 'It is a load test',
  });
  await world.look(id);
  const { subject, silence } = await world.incident(id);

  expect(silence).toMatchObject({ scope: 'workload', by: amira });
  expect(await readSilence(world.redis, clusterKeys(world.name), subject)).toMatchObject({ by: amira });
  const told = (await world.entries(id)).at(-1);
  expect(told?.text).toMatch(/ignores this workload for everybody, for 60 min, until .* Reason: It is a load test\.$/);
  expect(told).toMatchObject({ broadcast: true, people: [amira] });
});

test('who may not ignore a workload for everybody is told who may, and can snooze the incident', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'silence', sam, undefined, { plan: null, silence: { scope: 'workload', forMs: hour } });
  await world.look(id);
  const { subject, silence } = await world.incident(id);
  await world.ask(id, 'silence', sam, undefined, { plan: null, silence: { scope: 'incident', forMs: hour } });
  await world.look(id);

  expect(silence).toBeNull();
  expect(await readSilence(world.redis, clusterKeys(world.name), subject)).toBeNull();
  expect(await world.answers(id, sam)).toEqual([expect.stringContaining('Only {0} can ignore this workload')]);
  expect((await world.store.audit(0, 10)).map(({ what, by }) => [what, by])).toContainEqual([
    'refused:may-not-silence',
    sam,
  ]);
  expect((await world.incident(id)).silence).toMatchObject({ scope: 'incident', by: sam });
});

test('a silence can be ended, and none lasts for ever', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'silence', sam, undefined, {
    plan: null,
    silence: { scope: 'incident', forMs: 1000 * 24 * hour },
  });
  await world.look(id);
  const { silence } = await world.incident(id);
  await world.ask(id, 'silence', sam, undefined, { plan: null, silence: { scope: 'incident', forMs: 0 } });
  await world.look(id);

  expect((silence?.until ?? 0) - (silence?.at ?? 0)).toBe(30 * 24 * hour);
  expect((await world.incident(id)).silence).toBeNull();
});

test('the record names every decision with who and what, refusals too', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'apply', sam);
  await world.ask(id, 'approve', sam);
  await world.ask(id, 'approve', amira);
  await world.look(id);
  world.pass(minute);
  await world.look(id);
  const record = await world.store.audit(0, 100);

  expect(record.map(({ what, by }) => [what, by])).toEqual([
    ['requested', sam],
    ['refused:may-not-approve', sam],
    ['approved', amira],
    ['applying', null],
    ['applied', null],
  ]);
  expect(
    record.filter(({ incident, subject }) => !(incident === id && subject.includes('/shop/Deployment/checkout/'))),
  ).toEqual([]);
});

test('a limit is not lowered, and whoever wants that is told what it is now', async () => {
  const { id, ...world } = await proposed();
  await world.ask(id, 'edit', amira, undefined, { value: '500Mi' });
  await world.look(id);

  expect((await world.answers(id, amira)).at(-1)).toMatch(/^The limit is 512Mi now, .* Nothing changed\.$/);
  expect(world.cluster.writes).toEqual([]);
});

test('a value that was rejected before can be asked for again, as another plan, and both stand in the record', async () => {
  const { id, ...world } = await proposed();
  const { plan } = await world.remediation(id);
  await world.ask(id, 'edit', sam, plan.id, { value: '700Mi' });
  await world.look(id);
  const first = (await world.remediation(id)).plan.id;
  await world.ask(id, 'reject', amira, first);
  await world.look(id);
  world.pass(hour);
  await world.look(id);
  const offered = (await world.incident(id)).remediations.find(({ state }) => state === 'proposed')?.plan.id;
  await world.ask(id, 'edit', amira, offered, { value: '700Mi' });
  await world.look(id);

  const { remediations } = await world.incident(id);
  expect(remediations.find((one) => one.plan.id === first)?.state).toBe('rejected');
  expect(new Set(remediations.map((one) => one.plan.id)).size).toBe(remediations.length);
  expect(world.cluster.writes).toEqual(['resize pod-1 to 700Mi']);
});
