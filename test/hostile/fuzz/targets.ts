import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sign } from '@octokit/webhooks-methods';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { readAlerts } from '../../../src/adapters/alertmanager/webhook.ts';
import { readWebhook } from '../../../src/adapters/github/webhook.ts';
import { listPages } from '../../../src/adapters/kubernetes/transport/list-pages.ts';
import type { Transport } from '../../../src/adapters/kubernetes/transport/transport.ts';
import { parseWatchLine } from '../../../src/adapters/kubernetes/watch/watch-line.ts';
import { decodeButtonValue } from '../../../src/adapters/slack/blocks/button-value.ts';
import { readDelivery } from '../../../src/adapters/slack/deliveries/delivery.ts';
import { parsePolicy } from '../../../src/app/config/policy-file.ts';
import { Failure } from '../../../src/core/failure.ts';
import { createDetector } from '../../../src/core/kill/detect/detector.ts';
import type { Detection } from '../../../src/core/kill/detect/detection.ts';
import { killSchema } from '../../../src/core/kill/kill.ts';
import { createLineScreen } from '../../../src/core/kill/screen/screen.ts';
import { judgeValue } from '../../../src/core/recommend/judge-value.ts';
import type { ValueBounds } from '../../../src/core/recommend/judge-value.ts';
import { editManifest } from '../../../src/core/remediate/edit/edit-manifest.ts';
import { parseCommand } from '../../../src/core/talk/command.ts';
import { readScope } from '../../../src/core/talk/scope.ts';
import { deployment, resources, toMore, withFlag } from '../../fixtures/manifests.ts';
import { damaged, nearJson, nearText } from './mutations.ts';

/** Something that reads what comes from outside. `check` throws where it is neither right nor refused. */
export interface FuzzTarget<T = unknown> {
  readonly name: string;
  readonly input: fc.Arbitrary<T>;
  readonly check: (input: T) => void | Promise<void>;
}

/** Keeps the type of an input with its check; a list of targets has forgotten it. */
function target<T>(name: string, input: fc.Arbitrary<T>, check: (input: T) => void | Promise<void>): FuzzTarget {
  return { name, input, check: (given) => check(given as T) };
}

function must(isRight: boolean, sentence: string): void {
  if (!isRight) throw new Error(sentence);
}

const captures = join(import.meta.dirname, '../../recordings/captures');
/** The latest lines of each capture, as the API server sent them: by then something has been killed. */
function recorded(file: 'pods' | 'events'): readonly unknown[] {
  return readdirSync(captures).flatMap((name) => {
    const text = readFileSync(join(captures, name, `${file}.ndjson`), { encoding: 'utf8', flag: 'a+' });
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.slice(-3).map((line): unknown => JSON.parse(line).line);
  });
}
const podLines = recorded('pods');
const eventLines = recorded('events');
const at = Date.parse('2026-11-24T07:10:00Z');

const key = ({ is, kill }: Detection): string => `${is} ${kill.fingerprint}`;

function mustBeReadable(detections: readonly Detection[]): void {
  for (const { kill } of detections) {
    const read = killSchema.safeParse(JSON.parse(JSON.stringify(kill)));
    must(read.success, `a worker could not read the kill: ${read.error?.message ?? ''}`);
  }
}

/** All that the detector makes of some lines, the undecided ones included. */
function detectionsOf(lines: readonly unknown[]): readonly Detection[] {
  const detector = createDetector({ cluster: 'prod' });
  const found = lines.flatMap((line) => {
    const { type, object } = Object.assign({ type: '', object: null }, line) as { type: unknown; object: unknown };
    return typeof type === 'string' ? detector.pod(type, object, { atMs: at }) : [];
  });
  return [...found, ...detector.flush(at + 60_000)];
}

function screened(chunks: readonly Buffer[]): readonly unknown[] {
  const screen = createLineScreen();
  const lines = [...chunks.flatMap((chunk) => screen.push(chunk).map(parsed)), ...screen.end().map(parsed)];
  return lines.filter((line) => line !== null);
}

/** At once: the bytes are gone with the next push. */
const parsed = ({ is, bytes }: { readonly is: string; readonly bytes: Buffer }): unknown =>
  is === 'candidate' ? parseWatchLine(bytes) : null;

const watchLines = target(
  'watch lines',
  fc.tuple(fc.array(nearJson(podLines), { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 3 })),
  ([lines, cuts]) => {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
    const chunks = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));

    const found = detectionsOf(screened(chunks));

    mustBeReadable(found);
    // What the screen leaves out holds nothing that the detector would have seen.
    const all = detectionsOf(lines.map((line) => parseWatchLine(Buffer.from(JSON.stringify(line)))));
    must(
      JSON.stringify(found.map(key)) === JSON.stringify(all.map(key)),
      `screened: ${found.map(key).join()}; all lines: ${all.map(key).join()}`,
    );
  },
);

const damagedLines = target(
  'damaged watch lines',
  nearJson(podLines).chain((line) => damaged(Buffer.from(`${JSON.stringify(line)}\n`))),
  (bytes) => mustBeReadable(detectionsOf(screened([bytes]))),
);

const events = target('events', fc.array(nearJson(eventLines), { minLength: 1, maxLength: 4 }), (lines) => {
  const detector = createDetector({ cluster: 'prod', weakExits: true });
  for (const line of podLines.slice(0, 20)) detectionsInto(detector, line);
  const found = lines.flatMap((line) => {
    const read = parseWatchLine(Buffer.from(JSON.stringify(line)));
    return read === null ? [] : detector.event(read.type, read.object, { atMs: at }, () => podObjects[0]);
  });
  mustBeReadable([...found, ...detector.flush(at + 60_000)]);
});
const podObjects = podLines.map((line) => Object.assign({ object: null }, line).object as unknown);

function detectionsInto(detector: ReturnType<typeof createDetector>, line: unknown): void {
  const read = parseWatchLine(Buffer.from(JSON.stringify(line)));
  if (read !== null) detector.pod(read.type, read.object, { atMs: at - 1_000 });
}

const page = { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items: podObjects.slice(0, 3) };
const firstPage = { ...page, metadata: { resourceVersion: '7', continue: 'more' } };

const listed = target('list pages', nearJson([page, firstPage]), async (answer) => {
  let asked = 0;
  // The second page is the last one: a server that never comes to an end is stopped by the deadline alone.
  const json = () => Promise.resolve((asked += 1) === 1 ? answer : page);
  const transport = new Proxy({} as Transport, { get: () => json });
  const detector = createDetector({ cluster: 'prod' });

  await listPages(transport, { path: '/api/v1/pods', endsAt: Date.now() + 60_000 }, (object) => {
    mustBeReadable(detector.pod('ADDED', object, { atMs: at, initial: true }));
  });
});

const typed = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  nearText([
    'top prod/shop --share',
    'why INC-7F3K',
    'pause prod because of the release',
    'show checkout-6f9d-abc',
    'resume prod',
    'list prod shop stage',
  ]),
);
const clusters = [
  { name: 'prod', namespaces: ['shop', 'payments'] },
  { name: 'stage', namespaces: null },
];

const withWorkloads = clusters.map((one) => ({ ...one, workloads: ['checkout', 'shop'] }));

const slashWords = target('slash words', typed, (text) => {
  const { command } = parseCommand(
    text,
    clusters.map(({ name }) => name),
  );
  if ('scope' in command) {
    readScope(command.scope, clusters);
    readScope(command.scope, withWorkloads, { anyWorkload: true });
  }
});

const manifestSeeds = [
  deployment(resources),
  `# shop\r\n${deployment(resources).replaceAll('\n', '\r\n')}`,
  deployment(`${resources}env:\n  - name: JAVA_TOOL_OPTIONS\n    value: "-Xmx400m -Dx=y"\n  - { name: A, value: b }\n`),
  deployment('resources: {}\n'),
  deployment('resources: {limits: {memory: 512Mi}, requests: {memory: "256Mi"}} # small\n'),
  deployment(''),
];

const manifests = target('manifests', fc.tuple(nearText(manifestSeeds), fc.boolean()), ([text, heap]) => {
  const edit = heap ? withFlag('-Xmx480m') : toMore;
  const edited = editManifest(text, edit);
  if (!edited.ok) return;
  must(edited.text !== text, 'it says that it changed something, and did not');
  must(
    parseAllDocuments(edited.text).every((document) => !('errors' in document) || document.errors.length === 0),
    'what was written is no YAML',
  );
  const again = editManifest(edited.text, edit);
  must(!again.ok && again.reason === 'nothing-to-change', 'editing again changes more');
});

const alerts = {
  version: '4',
  status: 'firing',
  truncatedAlerts: 0,
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'ContainerOOM', namespace: 'shop', pod: 'checkout-1', container: 'app' },
      annotations: { summary: 'near its limit' },
      startsAt: '2026-11-30T12:00:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'abc',
    },
  ],
};
const alertBodies = target(
  'bodies of Alertmanager',
  fc.oneof(
    nearJson([alerts]).map((body) => JSON.stringify(body)),
    nearText([JSON.stringify(alerts)]),
  ),
  (body) => {
    const read = readAlerts(body);
    must(
      (read?.alerts ?? []).every(({ name, summary }) => name.length <= 200 && summary.length <= 1_000),
      'too long',
    );
  },
);

const pull = {
  action: 'closed',
  pull_request: {
    number: 7,
    merged: true,
    html_url: 'https://github.example/shop/config/pull/7',
    body: 'x\n<!-- oomkeeper {"incident":"INC-7F3K","plan":"PLAN-F6A92Q"} -->',
    head: { ref: 'oomkeeper/prod-shop-checkout-app-7f3k2q' },
  },
  repository: { full_name: 'shop/config', name: 'config', owner: { login: 'shop' } },
};
const forgeBodies = target(
  'bodies of GitHub',
  fc.oneof(
    nearJson([pull]).map((body) => JSON.stringify(body)),
    nearText([JSON.stringify(pull)]),
  ),
  async (rawBody) => {
    const signature = rawBody === '' ? 'sha256=' : await sign('secret', rawBody);
    const headers = { 'x-github-event': 'pull_request', 'x-github-delivery': '1', 'x-hub-signature-256': signature };

    await readWebhook({ headers, rawBody, secret: 'secret' });
    const { is } = await readWebhook({ headers, rawBody: `${rawBody} `, secret: 'secret' });

    must(is !== 'pull-request', 'it believes a body that was not signed');
  },
);

const bounds: ValueBounds = {
  fromLimitBytes: 2 ** 28,
  lastSampleBytes: 2 ** 28,
  peakBytes: 2 ** 28,
  recommendedBytes: 2 ** 29,
  demand: null,
  nodeAllocatableBytes: 2 ** 33,
  nodeFreeBytes: 2 ** 31,
  quota: null,
  limitRange: null,
  slopeBytesPerSecond: null,
};
const about = { incident: 'INC-7F3K', plan: 'PLAN-F6A92Q', version: 3, cluster: 'prod' };
const modalStates = target(
  'states of dialogs',
  fc.tuple(nearText(['512Mi', '0.5Gi', '640 Mi', '1e9', '128974848000m', '']), nearJson([about])),
  ([value, metadata]) => {
    const judged = judgeValue(value, bounds);
    must(
      judged.ok ? Number.isSafeInteger(judged.limitBytes) && judged.limitBytes > 0 : judged.text !== '',
      'a value that is neither a size nor refused with a sentence',
    );
    decodeButtonValue(JSON.stringify(metadata));
  },
);

const person = {
  user: { id: 'U0AMIRA', team_id: 'T0SHOP', name: 'amira' },
  team: { id: 'T0SHOP' },
  trigger_id: '1.2.3',
};
const sent = [
  {
    command: '/oom',
    text: 'top prod',
    user_id: 'U0AMIRA',
    channel_id: 'C0ONCALL',
    team_id: 'T0SHOP',
    trigger_id: '1.2.3',
    response_url: 'https://hooks.slack.com/commands/1/2',
  },
  {
    type: 'block_actions',
    ...person,
    actions: [{ type: 'button', action_id: 'apply', action_ts: '1764500000.000100', value: JSON.stringify(about) }],
    channel: { id: 'C0ONCALL', name: 'oncall' },
    message: { ts: '1764500000.000100' },
    response_url: 'https://hooks.slack.com/actions/1/2',
  },
  {
    type: 'view_submission',
    ...person,
    view: {
      id: 'V0EDIT',
      type: 'modal',
      hash: '1.a',
      private_metadata: JSON.stringify(about),
      callback_id: 'edit-value',
      state: { values: { limit: { limit: { type: 'plain_text_input', value: '640Mi' } } } },
    },
  },
  { type: 'event_callback', event: { type: 'app_home_opened' } },
];
const deliveries = target('deliveries of Slack', nearJson(sent), (body) => {
  const read = readDelivery(JSON.parse(JSON.stringify(body)));
  if (read.is === 'unreadable') must(read.problem !== '', 'it is refused without a reason');
  else must(JSON.stringify(read).isWellFormed(), 'it hands on text that is no text');
});

const policies = [
  `approvals:
  - who: [U0AMIRA, S0ONCALL]
    clusters: [prod*]
    namespaces: [shop, payments]
    kinds: [raise-limit]
    means: [cluster, pull-request]
    upTo: 2x
    secondPerson: true
    expires: 30m
sources:
  - namespace: shop
    workload: Deployment/checkout
    source: shop/config//apps/checkout.yaml@main
routes:
  - channel: '#payments'
    namespaces: [payments]
`,
];
const policyFiles = target('policy files', nearText(policies), (text) => {
  try {
    parsePolicy(text, 'policy.yaml');
  } catch (error) {
    must(error instanceof Failure && error.code === 'bad-configuration', `it throws ${String(error)}`);
  }
});

export const fuzzTargets: readonly FuzzTarget[] = [
  watchLines,
  damagedLines,
  events,
  listed,
  slashWords,
  manifests,
  alertBodies,
  forgeBodies,
  deliveries,
  modalStates,
  policyFiles,
];
