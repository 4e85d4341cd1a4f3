import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, type ProcessName } from '../../scripts/system.ts';
import { startSentinel, type SentinelTopology } from '../../scripts/redis/redis-topologies.ts';
import type { World } from '../../sandbox/world.ts';
import { startSystem } from '../system.ts';
import { teams } from './many-incidents.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import type { TcpProxy } from './tcp-proxy.ts';
import type { FaultRow, FaultSystem } from './row.ts';

/** Systems that rows use in turn: most of what a row costs is starting one. */
export interface FaultSystems {
  /**
   * Gives one that fits to `use`, started where none is idle; nobody else has it meanwhile. It is ended afterwards where
   * the row spoils it, or `use` throws or says so.
   */
  readonly lend: <T extends { readonly isHealthy: boolean }>(
    row: Kind,
    use: (system: FaultSystem) => Promise<T>,
  ) => Promise<T>;
  readonly stop: () => Promise<void>;
}

/** What the system of a row is like. */
type Kind = Pick<FaultRow, 'settings' | 'timing' | 'world' | 'behindSentinel' | 'spoils'>;

function keyOf({ settings, timing, world, behindSentinel }: Kind): string {
  return JSON.stringify([settings, timing, world, behindSentinel]);
}

/**
 * What is counted is roots and kills; each kill explained anew would only be more work. Nothing is folded. At the usual
 * pace of these systems a bot that starts would read the histories of all 200 channels within half a second.
 */
const usual = { explainAgainMs: 30_000, postEveryMs: 10 };
/** Room for as many victims as are asked for, and on none so many that their neighbours are much to read. */
const nodes = Array.from({ length: 40 }, (_, nth) => ({
  name: `pool-${nth}`,
  allocatableBytes: 2 ** 50,
  ip: `192.0.2.${nth + 11}`,
}));

/** For these rows: what none of them will use any more is ended. */
export function createFaultSystems(rows: readonly Kind[]): FaultSystems {
  const all = new Set<FaultSystem>();
  /** How many rows want one of a kind and have none yet. */
  const wanted = new Map<string, number>();
  for (const row of rows) wanted.set(keyOf(row), (wanted.get(keyOf(row)) ?? 0) + 1);
  const idle: { readonly key: string; readonly system: FaultSystem }[] = [];
  const end = async (system: FaultSystem): Promise<void> => {
    all.delete(system);
    await system.stop();
  };
  return {
    lend: async (row, use) => {
      const key = keyOf(row);
      wanted.set(key, (wanted.get(key) ?? 0) - 1);
      const at = idle.findIndex((one) => one.key === key);
      const system = idle.splice(at, at < 0 ? 0 : 1)[0]?.system ?? (await startFaultSystem(row));
      all.add(system);
      try {
        const result = await use(system);
        const idleOnes = idle.filter((one) => one.key === key).length;
        const isWanted = (wanted.get(key) ?? 0) > idleOnes;
        if (result.isHealthy && row.spoils !== true && isWanted) idle.push({ key, system });
        else await end(system);
        return result;
      } catch (error) {
        await end(system);
        throw error;
      }
    },
    stop: async () => {
      await Promise.all([...all].map(end));
    },
  };
}

/** As a real API server. */
const historyMs = 5 * 60_000;

/** A channel for each team, which is told of the incidents in that team's namespace. */
const channels = [{ name: 'oom-alerts' }, ...teams.map((name) => ({ name }))];
const policy = JSON.stringify({ routes: teams.map((name) => ({ namespaces: [name], channel: name })) });

async function startFaultSystem(row: Kind): Promise<FaultSystem> {
  const folder = await temporaryFolder();
  const proxies = new Map<ProcessName, TcpProxy>();
  const apiProxies = new Map<ProcessName, TcpProxy>();
  const kubeconfigOf = (name: ProcessName): string => join(folder.path, `${name}.kubeconfig`);
  const writeKubeconfig = async (name: ProcessName, { url }: TcpProxy, api: World['api']): Promise<void> => {
    await writeFile(kubeconfigOf(name), api.kubeconfig.replace(api.url, url));
  };
  let sentinel: SentinelTopology | null = null;
  const closeAround = async (): Promise<void> => {
    await Promise.all([...proxies.values(), ...apiProxies.values()].map((one) => one.close()));
    await sentinel?.stop();
    await folder.remove();
  };
  try {
    const policyFile = join(folder.path, 'policy.yaml');
    await writeFile(policyFile, policy);
    const behind = row.behindSentinel === true ? await startSentinel() : null;
    sentinel = behind;
    const system = await startSystem({
      settings: { OOMKEEPER_APPROVERS: '', OOMKEEPER_POLICY: policyFile, ...row.settings },
      timing: { ...usual, ...row.timing },
      world: {
        nodes,
        historyMs,
        ...row.world,
        slack: { limits: 'off', ...row.world?.slack, workspace: { channels } },
      },
      only: async (name, { redisUrl, isExtra, world }) => {
        if (behind !== null) return { REDIS_URL: behind.url };
        if (isExtra) return {};
        const proxy = proxies.get(name) ?? (await startTcpProxy(redisUrl));
        proxies.set(name, proxy);
        const apiProxy = apiProxies.get(name) ?? (await startTcpProxy(world.api.url));
        if (!apiProxies.has(name)) await writeKubeconfig(name, apiProxy, world.api);
        apiProxies.set(name, apiProxy);
        return { REDIS_URL: proxy.url, KUBECONFIG: kubeconfigOf(name) };
      },
    });
    return {
      ...system,
      sentinel: behind,
      redisOf: (name) => {
        const proxy = proxies.get(name);
        if (proxy === undefined) throw new Error(`${name} has no way to Redis`);
        return proxy;
      },
      apiOf: (name) => {
        const proxy = apiProxies.get(name);
        if (proxy === undefined) throw new Error(`${name} has no way of its own to the API server`);
        return proxy;
      },
      renewKubeconfigs: async () => {
        await Promise.all([...apiProxies].map(([name, proxy]) => writeKubeconfig(name, proxy, system.world.api)));
      },
      stop: async () => {
        await system.stop();
        await closeAround();
      },
    };
  } catch (error) {
    await closeAround();
    throw error;
  }
}
