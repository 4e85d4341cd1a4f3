import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { cacheRoot } from '../../../scripts/project.mjs';
import { freePort } from '../../../scripts/redis/redis.mjs';
import { remoteWrites } from './remote-write.ts';
import type { SentSeries } from './remote-write.ts';

/*
 * Prometheus and VictoriaMetrics as they are: on PATH, in the folder that OOMKEEPER_TEST_PROMETHEUS names, or as
 * `OOMKEEPER_TEST_PROMETHEUS=fetch npm test -- real-usage` has fetched them into .cache once. They are large, so that
 * nothing else fetches them.
 */
export type ServerName = 'prometheus' | 'victoria-metrics';

export interface RealServer {
  readonly url: string;
  /** Of any time within the last month, in any order. */
  readonly write: (series: readonly SentSeries[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

const startsWithinMs = 20_000;
const hourMs = 3_600_000;

/** The program; null where there is none. */
export function programOf(name: ServerName): string | null {
  const wanted = process.env['OOMKEEPER_TEST_PROMETHEUS'];
  const folders = [
    wanted ?? '',
    join(cacheRoot, 'prometheus', 'usr', 'bin'),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A server of its own on 127.0.0.1, with its data in a temporary folder. */
export async function startReal(name: ServerName, program: string): Promise<RealServer> {
  const home = mkdtempSync(join(tmpdir(), 'oomkeeper-tsdb-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(program, argumentsOf[name](home, port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${String(chunk)}`.slice(-2000)));
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  const until = Date.now() + startsWithinMs;
  while (!(await isReady(`${url}/-/ready`))) {
    if (child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`${name} did not start: ${said}`);
    }
    await pause(20);
  }
  return {
    url,
    stop,
    write: async (series) => {
      for (const body of remoteWrites(hourByHour(series))) await post(`${url}/api/v1/write`, body);
      if (name === 'victoria-metrics') await fetch(`${url}/internal/force_flush`);
    },
  };
}

/** In the order of time, as a scraper sends it: Prometheus keeps what comes late apart, and reads it slowly. */
function hourByHour(all: readonly SentSeries[]): readonly SentSeries[] {
  const hours = new Map<number, SentSeries[]>();
  for (const { labels, points } of all)
    for (const [hour, ofHour] of Map.groupBy(points, ({ t }) => Math.floor(t / hourMs))) {
      const sent = hours.get(hour) ?? [];
      hours.set(hour, sent);
      sent.push({ labels, points: ofHour });
    }
  return [...hours].toSorted(([a], [b]) => a - b).flatMap(([, sent]) => sent);
}

const argumentsOf: Readonly<Record<ServerName, (home: string, port: number) => readonly string[]>> = {
  prometheus: (home, port) => {
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'prometheus.yml'), 'storage: { tsdb: { out_of_order_time_window: 30d } }\n');
    return [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(home, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=error',
    ];
  },
  'victoria-metrics': (home, port) => [
    `-storageDataPath=${join(home, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-retentionPeriod=1y',
    '-loggerLevel=ERROR',
  ],
};

async function isReady(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function post(url: string, body: Buffer): Promise<void> {
  const headers = {
    'content-encoding': 'snappy',
    'content-type': 'application/x-protobuf',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
}
