import { parseArgs } from 'node:util';
import { seedWorkspace } from './slack/workspace.ts';
import { startWorld } from './world.ts';

const usage = `Starts the pretend world on 127.0.0.1 and prints where it is as one JSON line.

Usage: node sandbox/main.ts [--speed N] [--seed N] [--clusters 1|2 | --recording DIR] [--port N] [--no-page]
                            [--no-prometheus] [--no-approvers] [--slack-limits slack|off|SCALE]
`;

const { values } = parseArgs({
  options: {
    speed: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    clusters: { type: 'string', default: '1' },
    recording: { type: 'string' },
    port: { type: 'string', default: '4040' },
    'no-page': { type: 'boolean', default: false },
    'no-prometheus': { type: 'boolean', default: false },
    'no-approvers': { type: 'boolean', default: false },
    'slack-limits': { type: 'string', default: 'slack' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  const limits = values['slack-limits'];
  const world = await startWorld({
    speed: Number(values.speed),
    seed: Number(values.seed),
    port: Number(values.port),
    withPage: !values['no-page'],
    prometheus: !values['no-prometheus'],
    clusters: values.clusters === '2' ? 2 : 1,
    ...(values.recording === undefined ? {} : { recording: values.recording }),
    slack: {
      limits: limits === 'slack' || limits === 'off' ? limits : { scale: Number(limits) },
      // In what was recorded nothing can be changed, and nobody may.
      ...(values.recording === undefined && !values['no-approvers']
        ? {}
        : { workspace: { people: seedWorkspace().people.map((one) => ({ ...one, mayApprove: false })) } }),
    },
    log: (message, fields) => process.stderr.write(`${JSON.stringify({ message, ...fields })}\n`),
  });
  process.stdout.write(`${JSON.stringify(world.addresses)}\n`);
  const stop = (): void => {
    void world.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
