import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestRedis, type TestRedis } from '../../redis.ts';
import { openAlarmWorld, type AlarmWorld } from './alarm-world.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await openTestRedis();
});
afterAll(async () => {
  await redis.stop();
});

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const close = async (world: AlarmWorld, id: string): Promise<void> =>
  world.update(id, { state: { is: 'closed', outcome: 'quiet', at: await world.now() } });

test('an incident is opened once, acknowledged and resolved under one key, however often it is looked at', async () => {
  const world = await openAlarmWorld(redis.url);
  const tell = world.bot();
  const id = await world.kill();

  await tell(id);
  await tell(id);
  await world.update(id, { acknowledged: { by: 'U1', at: await world.now() } });
  await tell(id);
  await close(world, id);
  await tell(id);
  await world.bot()(id);

  expect(world.paged(id)).toEqual(['trigger', 'acknowledge', 'resolve']);
  expect(world.pagerduty.alerts()).toMatchObject([{ key: `oomkeeper:${world.cluster}:${id}`, status: 'resolved' }]);
  expect(world.pagerduty.answers()).toEqual([202, 202, 202]);
  expect(world.alertmanager.firing()).toEqual([]);
  expect(await world.alarms.due(10)).toEqual([]);
});

test('what PagerDuty is told names workload, cause, proposal and thread', async () => {
  const world = await openAlarmWorld(redis.url);
  const id = await world.kill();

  await world.bot()(id);

  const [alert] = world.pagerduty.alerts();
  expect(alert?.payload).toMatchObject({
    summary: `OOMKilled: checkout-1 (namespace shop, cluster ${world.cluster}). Limit too low: steady at 505Mi under a limit of 512Mi.`,
    source: `${world.cluster}/shop/Deployment/checkout-1`,
    severity: 'error',
    class: 'OOMKilled',
    custom_details: { incident: id, workload: 'Deployment/checkout-1', limit: '512Mi' },
  });
  expect(world.pagerduty.events()[0]?.event).toMatchObject({ client_url: 'https://acme.slack.com/archives/C1/p1' });
});

test('Alertmanager has one alert with labels that identify it, which goes on until the incident is over', async () => {
  const world = await openAlarmWorld(redis.url);
  const tell = world.bot();
  const id = await world.kill();
  await tell(id);
  const [first] = world.alertmanager.firing();

  for (let minutes = 0; minutes < 20; minutes += 1) {
    world.wait(minuteMs);
    await tell(id);
  }

  expect(world.alertmanager.all()).toHaveLength(1);
  expect(world.alertmanager.firing()).toMatchObject([
    {
      labels: {
        alertname: 'OomkeeperIncident',
        severity: 'warning',
        cluster: world.cluster,
        namespace: 'shop',
        workload: 'checkout-1',
        workload_kind: 'Deployment',
        container: 'app',
        incident: id,
      },
      startsAt: first?.startsAt,
      generatorURL: 'https://acme.slack.com/archives/C1/p1',
    },
  ]);
  expect(world.alertmanager.answers()).toHaveLength(21);
  expect(world.paged(id)).toEqual(['trigger']);
  await close(world, id);
  await tell(id);
  expect(world.alertmanager.firing()).toEqual([]);
});

test('an alert that nobody sends any more ends', async () => {
  const world = await openAlarmWorld(redis.url);
  await world.bot()(await world.kill());
  expect(world.alertmanager.firing()).toHaveLength(1);

  world.wait(6 * minuteMs);

  expect(world.alertmanager.firing()).toEqual([]);
});

test('what PagerDuty does not take is sent again with a back-off, and Alertmanager does not wait for it', async () => {
  const world = await openAlarmWorld(redis.url);
  const tell = world.bot();
  const id = await world.kill();
  world.pagerduty.fail(500, 3);

  const first = await tell(id);
  // So early that on no machine the next try is due meanwhile.
  world.wait(-minuteMs);
  await tell(id);
  world.wait(minuteMs);

  expect(world.pagerduty.answers()).toEqual([500]);
  expect(world.alertmanager.firing()).toHaveLength(1);
  expect(first).toMatchObject({ is: 'postponed' });
  for (const ms of [1_000, 2_000, 4_000]) {
    world.wait(ms - 500);
    await tell(id);
    world.wait(500 + 100);
    await tell(id);
  }
  expect(world.pagerduty.answers()).toEqual([500, 500, 500, 202]);
  expect(world.paged(id)).toEqual(['trigger']);
});

test('a receiver that is busy is left alone for as long as it asks', async () => {
  const world = await openAlarmWorld(redis.url);
  const tell = world.bot();
  const id = await world.kill();
  world.pagerduty.fail(429, 1);

  await tell(id);
  world.wait(50_000);
  await tell(id);
  expect(world.pagerduty.answers()).toEqual([429]);
  world.wait(11_000);
  await tell(id);

  expect(world.pagerduty.answers()).toEqual([429, 202]);
});

test('an alarm of which nobody knows whether it arrived is resolved all the same', async () => {
  const world = await openAlarmWorld(redis.url);
  const tell = world.bot();
  const id = await world.kill();
  world.pagerduty.fail('hang', 1);

  await tell(id);
  expect(world.pagerduty.alerts()).toMatchObject([{ status: 'triggered' }]);
  await close(world, id);
  await tell(id);

  expect(world.pagerduty.alerts()).toMatchObject([{ status: 'resolved' }]);
});

test('a wrong key is reported once, tried again after an hour, and forgotten when it is right', async () => {
  const world = await openAlarmWorld(redis.url);
  const right = world.pagerduty.routingKey;
  world.pagerduty.changeKey('ffffffffffffffffffffffffffffffff');
  const one = await world.kill();
  const other = await world.kill();

  await world.bot()(one);
  await world.bot()(other);
  await world.bot()(one);
  expect(world.pagerduty.answers()).toEqual([400]);
  world.wait(hourMs + minuteMs);
  await world.bot()(one);
  expect(world.pagerduty.answers()).toEqual([400, 400]);
  expect(world.reports.map(({ what }) => what)).toEqual(['refuses']);
  expect(world.reports[0]?.failure?.message).toContain('PAGERDUTY_ROUTING_KEY');
  expect(world.reports[0]?.failure?.message).not.toContain(right);

  world.pagerduty.changeKey(right);
  world.wait(hourMs + minuteMs);
  await world.bot()(one);
  await world.bot()(other);

  expect(world.reports.map(({ what }) => what)).toEqual(['refuses', 'accepts']);
  expect(world.paged(one)).toEqual(['trigger']);
  expect(world.alertmanager.firing()).toHaveLength(2);
});

test('an alarm that was begun by a bot that ended in the middle is sent by the next one', async () => {
  const world = await openAlarmWorld(redis.url);
  const id = await world.kill();
  const dying = { ...world.alarms, write: world.alarms.write };
  let writes = 0;
  const tell = world.bot({
    alarms: {
      ...dying,
      write: async (...args) => {
        writes += 1;
        if (writes > 1) throw new Error('the process ended');
        return world.alarms.write(...args);
      },
    },
  });

  await expect(tell(id)).rejects.toThrow('the process ended');
  await world.bot()(id);
  await close(world, id);
  await world.bot()(id);

  expect(world.pagerduty.alerts()).toMatchObject([{ status: 'resolved', opened: 1 }]);
});

test('while one bot tells of an incident another one leaves it alone', async () => {
  const world = await openAlarmWorld(redis.url);
  const id = await world.kill();
  const lease = await world.alarms.take(id, 10_000);

  expect(await world.bot()(id)).toMatchObject({ is: 'postponed' });
  expect(world.pagerduty.answers()).toEqual([]);
  await lease?.release();
  await world.bot()(id);

  expect(world.paged(id)).toEqual(['trigger']);
});

test('a receiver whose rule says never is told nothing', async () => {
  const rule = { clusters: ['*'], namespaces: ['sh*'], receivers: ['pagerduty' as const], from: 'never' as const };
  const world = await openAlarmWorld(redis.url, [rule]);

  await world.bot()(await world.kill());

  expect(world.pagerduty.answers()).toEqual([]);
  expect(world.alertmanager.firing()).toHaveLength(1);
});
