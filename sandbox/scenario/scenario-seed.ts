import type { Scenario } from './scenario.ts';

const names = (
  'checkout catalog basket payments invoices search ranking profile mailer thumbnails geocoder tariffs ledger ' +
  'sessions quotes reviews orders dispatch labels returns coupons gifts stock pricing parcels refunds accounts routes ' +
  'audits alerts exports imports spool gateway tickets wallet inventory loyalty uploads translator scheduler ' +
  'forecasts contracts reports archive crawler'
).split(' ');
/** For those that come after these. */
const moreNames = 'vouchers wishlists auctions tickets seats menus recipes surveys forums badges'.split(' ');
const namespaces = ['shop', 'billing', 'media', 'logistics', 'platform', 'accounts', 'growth', 'data'];
const containers = ['app', 'server', 'main', 'service', 'api'];
const mebi = 2 ** 20;

/** [0, 1) from a seed: mulberry32, small and good enough for stories. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The same stories with other names, sizes (0.5 to 2 times), times (0.8 to 1.25 times) and in another order. Sizes of
 * one scenario are scaled together and times too, so slopes differ but what crosses the limit still does.
 */
export function varyScenarios(scenarios: readonly Scenario[], seed: number): readonly Scenario[] {
  const random = seededRandom(seed);
  const fresh = [...shuffled(names, random), ...moreNames];
  return shuffled(
    scenarios.map((scenario, index) => varyScenario(scenario, random, fresh[index % fresh.length] ?? 'web')),
    random,
  );
}

function varyScenario(scenario: Scenario, random: () => number, name: string): Scenario {
  const { workload } = scenario;
  const drawn = 0.5 * 4 ** random();
  const wanted = workload.sized === 'as-written' ? 1 : drawn;
  const time = 0.8 * (1.25 / 0.8) ** random();
  // The limit stays a whole number of Mi, and everything else follows what really became of it.
  const limit =
    workload.limit === undefined ? undefined : Math.max(1, Math.round((workload.limit * wanted) / mebi)) * mebi;
  const size = limit === undefined || workload.limit === undefined ? wanted : limit / workload.limit;
  const bytes = (value: number): number => Math.round(value * size);
  const wholeMebi = (value: number): number => Math.round((value * size) / mebi) * mebi;
  const ms = (value: number): number => Math.round(value * time);
  return {
    ...scenario,
    workload: {
      ...workload,
      name,
      namespace: pick(namespaces, random),
      container: pick(containers, random),
      ...(limit === undefined ? {} : { limit }),
      ...(workload.request === undefined ? {} : { request: wholeMebi(workload.request) }),
      ...(typeof workload.source === 'string' ? { source: true } : {}),
      ...(workload.heap === undefined ? {} : { heap: { ...workload.heap, beside: bytes(workload.heap.beside) } }),
      ...(workload.podLimit === undefined ? {} : { podLimit: wholeMebi(workload.podLimit) }),
      beside: workload.beside.map((other) => ({ ...other, bytes: bytes(other.bytes) })),
      env: scaledEnv(workload.env, size),
      volumes: workload.volumes.map((volume) =>
        volume.sizeLimit === undefined ? volume : { ...volume, sizeLimit: wholeMebi(volume.sizeLimit) },
      ),
    },
    program: scenario.program.map((point) => ({ ...point, at: ms(point.at), bytes: bytes(point.bytes) })),
    ...(scenario.load === undefined ? {} : { load: scenario.load.map((point) => ({ ...point, at: ms(point.at) })) }),
    ...(scenario.pages === undefined
      ? {}
      : {
          pages: {
            perMinute: bytes(scenario.pages.perMinute / time),
            dirty: scenario.pages.dirty.map((point) => ({ at: ms(point.at), bytes: bytes(point.bytes) })),
          },
        }),
    ...(scenario.files === undefined
      ? {}
      : {
          files: { perMinute: bytes(scenario.files.perMinute / time), most: bytes(scenario.files.most) },
        }),
    ...(scenario.history === undefined ? {} : { history: { ...scenario.history, next: ms(scenario.history.next) } }),
    ...(scenario.expect.limit === undefined
      ? {}
      : { expect: { ...scenario.expect, limit: wholeMebi(scenario.expect.limit) } }),
    ...(scenario.policy === undefined
      ? {}
      : {
          policy: {
            ...scenario.policy,
            approvals: scenario.policy.approvals?.map((rule) => ({
              ...rule,
              ...(rule.upTo === undefined ? {} : { upTo: scaleSizes(rule.upTo, size) }),
              ...(rule.expires === undefined ? {} : { expires: ms(rule.expires) }),
            })),
            levels: scenario.policy.levels?.map((level) => ({
              ...level,
              ...(level.after === undefined ? {} : { after: ms(level.after) }),
            })),
          },
        }),
    events: scenario.events.map((event) => ({
      ...event,
      at: ms(event.at),
      ...(event.bytes === undefined ? {} : { bytes: bytes(event.bytes) }),
      ...(event.limit === undefined ? {} : { limit: wholeMebi(event.limit) }),
      ...(event.env === undefined ? {} : { env: scaledEnv(event.env, size) }),
    })),
    people: scenario.people.map((step) => ({
      ...step,
      at: ms(step.at),
      ...(step.do === 'submit' ? { what: scaleSizes(step.what, size) } : {}),
    })),
  };
}

function scaledEnv(env: Readonly<Record<string, string>>, size: number): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([key, value]) => [key, scaleSizes(value, size)]));
}

/** Sizes in texts grow and shrink with the rest: `-Xmx160m`, `--max-old-space-size=160`, `160MiB`, `limit=160Mi`. */
function scaleSizes(text: string, size: number): string {
  return text
    .replaceAll(
      /(-Xm[xs])(\d+)([kKmMgG])/g,
      (_, flag: string, amount, unit: string) => `${flag}${scaled(amount, size)}${unit}`,
    )
    .replaceAll(/(--max-old-space-size=)(\d+)/g, (_, flag: string, amount) => `${flag}${scaled(amount, size)}`)
    .replaceAll(/(?<=^|=)(\d+)([KMG]iB?)(?=$|;)/g, (_, amount, unit: string) => `${scaled(amount, size)}${unit}`);
}

function scaled(amount: unknown, size: number): number {
  return Math.max(1, Math.round(Number(amount) * size));
}

function pick(list: readonly string[], random: () => number): string {
  return list[Math.floor(random() * list.length)] ?? '';
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
