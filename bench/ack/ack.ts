import { setTimeout as delay } from 'node:timers/promises';
import type { InteractionResult } from '../../sandbox/slack/people/interactions.ts';
import type { Message } from '../../sandbox/slack/message-store.ts';
import type { Slack } from '../../sandbox/slack/start-slack.ts';
import type { World } from '../../sandbox/world.ts';
import { clickablesOf } from '../../test/acceptance/people.ts';
import { threadsOf } from '../../test/acceptance/threads.ts';
import type { Thread } from '../../test/acceptance/threads.ts';
import { addVictim } from '../../test/acceptance/victims.ts';
import type { Benchmark, Size } from '../benchmark.ts';
import { startOrdinarySystem } from '../ordinary-system.ts';
import { circumstances, timesBeside } from '../report.ts';
import { until } from '../../test/eventually.ts';
import { startBareApp } from './bare-app.ts';
import type { BareApp } from './bare-app.ts';
import { startSlowPrometheus } from './slow-prometheus.ts';

/** At most so many rounds, and none is begun after so many ms. */
interface Amount {
  readonly rounds: number;
  readonly forMs: number;
}

const amounts: Readonly<Record<Size, Amount>> = {
  small: { rounds: 3, forMs: Infinity },
  default: { rounds: 80, forMs: 8_000 },
  full: { rounds: 500, forMs: 45_000 },
};

const killsPerSecond = 10;
/** As in src/app/worker.ts. */
const incidentConcurrency = 10;
/** So long evidence takes: of ten kills a second not even four are explained as they come. */
const slowMs = 3_000;
const pauseMs = 50;
/** Slack gives up then, and so long it counts here. */
const givenUpMs = 3_000;

/**
 * Clicks and slash commands until Slack has their acknowledgement, while the worker has more to explain than it can and
 * kills go on; beside them the same on a Bolt app that does nothing.
 */
export const ack: Benchmark = {
  name: 'ack',
  about: 'click and slash command -> acknowledged, while enrichment is saturated',
  run: async (context) => {
    const [{ world }, bare] = await Promise.all([
      startOrdinarySystem(context, {
        only: async (name, around) => {
          if (name !== 'worker') return {};
          const { prometheusUrl } = around.world.addresses;
          return { OOMKEEPER_PROMETHEUS_URL: await startSlowPrometheus(prometheusUrl, slowMs, context) };
        },
      }),
      startBareApp(context),
    ]);
    const ending = new AbortController();
    context.onStop(async () => ending.abort());
    const killing = killOnAndOn(world, ending.signal);
    await until('the worker is saturated', () => isSaturated(threadsOf(world)) || null);
    context.say('clicks and commands');
    const { click, command, saturated } = await useBoth(world, bare, amounts[context.size]);
    ending.abort();
    context.say(
      `${await killing} kills meanwhile; the worker was saturated in ${saturated} of ${click.ours.length} rounds`,
    );
    // The smallest size shows the shape of the report, on a machine that may be busy, and no speed.
    if (context.size !== 'small' && saturated < 0.9 * click.ours.length)
      throw new Error('the worker was not saturated all the time');
    return {
      bench: 'ack',
      n: click.ours.length + command.ours.length,
      ...timesBeside([...click.ours, ...command.ours], [...click.bare, ...command.bare]),
      unit: 'ms',
      peers: {
        click: { n: click.ours.length, ...timesBeside(click.ours, click.bare), unit: 'ms' },
        command: { n: command.ours.length, ...timesBeside(command.ours, command.bare), unit: 'ms' },
      },
      ...circumstances(),
    };
  },
};

interface Series {
  readonly ours: number[];
  readonly bare: number[];
}

/** One click and one command on each in turn, so that both see the same machine. */
async function useBoth(
  world: World,
  bare: BareApp,
  { rounds, forMs }: Amount,
): Promise<{ readonly click: Series; readonly command: Series; readonly saturated: number }> {
  const click: Series = { ours: [], bare: [] };
  const command: Series = { ours: [], bare: [] };
  const clicked = new Set<string>();
  let saturated = 0;
  const over = performance.now() + forMs;
  for (let n = 0; n < rounds && performance.now() < over; n += 1) {
    const { button, root } = await until('a new thread to click on', () => newButton(threadsOf(world), clicked));
    clicked.add(button.ts);
    if (isSaturated(threadsOf(world))) saturated += 1;
    const same = await bare.post(root);
    click.ours.push(await clickOn(world.slack, button));
    click.bare.push(await clickOn(bare.slack, { ...button, ...same }));
    command.ours.push(await typeInto(world.slack));
    command.bare.push(await typeInto(bare.slack));
    await delay(pauseMs);
  }
  return { click, command, saturated };
}

/** More wait for their explanation than the worker looks at a time. */
function isSaturated(threads: readonly Thread[]): boolean {
  return threads.filter(({ verdict }) => verdict === '').length > incidentConcurrency;
}

interface Button {
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  readonly value: string | undefined;
}

/** The acknowledgement of the newest thread that was not clicked on, and the message as it is now; null without one. */
function newButton(
  threads: readonly Thread[],
  clicked: ReadonlySet<string>,
): { readonly button: Button; readonly root: Pick<Message, 'text' | 'blocks'> } | null {
  const thread = threads.findLast(({ ts }) => !clicked.has(ts));
  const found = thread && clickablesOf(thread.root).find(({ label }) => label === 'Acknowledge');
  if (thread === undefined || found === undefined) return null;
  const { channel, ts, root } = thread;
  return {
    button: { channel, ts, actionId: found.actionId, value: found.value },
    root: { text: root.text, blocks: root.blocks },
  };
}

async function clickOn({ control }: Slack, button: Button): Promise<number> {
  // Meanwhile the message may have been edited, as under the finger of a person.
  return acknowledgedAfter(await control.click({ user: 'sam', ...button, stale: true }));
}

async function typeInto({ control }: Slack): Promise<number> {
  return acknowledgedAfter(await control.command({ user: 'sam', channel: '#oom-alerts', text: '/oom list' }));
}

/** ms by the pretend Slack's clock. */
function acknowledgedAfter(result: InteractionResult): number {
  if (result.ok) return result.ack.ms;
  if (result.error === 'operation_timeout') return givenUpMs;
  throw new Error(`not acknowledged: ${result.error}`);
}

/** New incidents, so many a second, until `signal`; how many. */
async function killOnAndOn(world: World, signal: AbortSignal): Promise<number> {
  let kills = 0;
  while (!signal.aborted) {
    addVictim(world, { name: `victim-${kills}`, kills: 1 });
    kills += 1;
    await delay(1_000 / killsPerSecond, undefined, { signal }).catch(() => undefined);
  }
  return kills;
}
