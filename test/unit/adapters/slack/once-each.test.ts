import { expect, test } from 'vitest';
import { onceEach } from '../../../../src/adapters/slack/once-each.ts';

/** How often the listeners behind it ran, and how often Slack was acknowledged to without them. */
function deliver() {
  const once = onceEach();
  const seen = { handled: 0, acknowledged: 0 };
  const deliverBody = async (body: object): Promise<void> => {
    const args = {
      body,
      next: async () => {
        seen.handled += 1;
      },
      ack: async () => {
        seen.acknowledged += 1;
      },
    };
    await once(args as unknown as Parameters<typeof once>[0]);
  };
  return { seen, deliverBody };
}

test.each([
  ['a click', { type: 'block_actions', trigger_id: 'T1' }],
  ['a command', { command: '/oom', trigger_id: 'T1' }],
  ['an event', { type: 'event_callback', event_id: 'Ev1' }],
])('%s that is repeated is acknowledged and not handled again', async (_, body) => {
  const { seen, deliverBody } = deliver();

  await deliverBody(body);
  await deliverBody({ ...body });

  expect(seen).toEqual({ handled: 1, acknowledged: 1 });
});

test('a submission that is repeated is answered by its listener each time', async () => {
  const { seen, deliverBody } = deliver();

  await deliverBody({ type: 'view_submission', trigger_id: 'T1' });
  await deliverBody({ type: 'view_submission', trigger_id: 'T1' });

  expect(seen).toEqual({ handled: 2, acknowledged: 0 });
});

test('what has no name of its own is always handled, and so is what is remembered no longer', async () => {
  const { seen, deliverBody } = deliver();

  await deliverBody({ type: 'other' });
  await deliverBody({ type: 'other' });
  await deliverBody({ trigger_id: 'first' });
  for (let at = 0; at < 2_000; at += 1) await deliverBody({ trigger_id: `T${at}` });
  await deliverBody({ trigger_id: 'first' });

  expect(seen).toEqual({ handled: 2_004, acknowledged: 0 });
});
