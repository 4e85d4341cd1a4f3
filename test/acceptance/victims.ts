import type { World } from '../../sandbox/world.ts';
import type { Cluster } from '../../sandbox/kubernetes/cluster/cluster.ts';
import { targetKey, type Target } from '../../sandbox/kubernetes/cluster/target.ts';
import type { MemoryPoint } from '../../sandbox/kubernetes/kubelet/program.ts';

const mebi = 2 ** 20;

export interface VictimOptions {
  readonly name: string;
  readonly namespace?: string;
  /** After so many kills it stays down, or `keepsRunning` with what it has. */
  readonly kills: number;
  readonly keepsRunning?: boolean;
  /** Bytes over virtual ms of each run; by default it asks for too much after a second. */
  readonly program?: readonly MemoryPoint[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Annotations of the Deployment itself, not of its pods. */
  readonly ownAnnotations?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Quantity; 64Mi by default. */
  readonly limit?: string;
  /** Where its pods run; by default where there is room. */
  readonly node?: string;
  /** Virtual ms per real ms; those of the world by default. */
  readonly speed?: number;
}

/** Steadily too much: above 64Mi after 0.6 virtual seconds. */
const tooMuch: readonly MemoryPoint[] = [
  { at: 0, bytes: 20 * mebi },
  { at: 1_000, bytes: 90 * mebi },
];

const littleEnough: readonly MemoryPoint[] = [{ at: 0, bytes: 20 * mebi }];

const victimContainer = 'app';

/** The living cluster of a world that has one. */
export function clusterOf(world: World): Cluster {
  if (world.cluster === null) throw new Error('this world plays a recording');
  return world.cluster;
}

/** A Deployment with one pod whose container is killed for its memory so many times and then stays down. */
export function addVictim(world: World, options: VictimOptions): Target {
  const { name, kills, program = tooMuch, namespace = 'shop', limit = '64Mi', node, speed } = options;
  const { annotations, ownAnnotations = {}, env = {} } = options;
  const paced = speed === undefined ? {} : { speed };
  const cluster = clusterOf(world);
  const target = { namespace, kind: 'Deployment', name };
  const behave = (points: readonly MemoryPoint[]): void =>
    cluster.setBehaviour(target, { container: victimContainer, programs: [{ points }], ...paced });
  let left = kills;
  const stop = cluster.onKill((kill) => {
    if (targetKey(kill.target) !== targetKey(target)) return;
    left -= 1;
    if (left > 0) return;
    if (options.keepsRunning === true) behave(littleEnough);
    else cluster.hold(target);
    stop();
  });
  behave(program);
  cluster.apply([
    {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name, namespace, labels: { app: name }, annotations: ownAnnotations },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name }, ...(annotations === undefined ? {} : { annotations }) },
          spec: {
            ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
            containers: [
              {
                name: victimContainer,
                image: `registry.example/${namespace}/${name}:1.4.2`,
                env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
                resources: { limits: { memory: limit }, requests: { cpu: '50m', memory: limit } },
              },
            ],
          },
        },
      },
    },
  ]);
  return target;
}
