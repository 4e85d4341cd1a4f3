import type { SpecFacts } from '../../evidence/evidence.ts';
import { createWordReader } from './words.ts';

/** A server that shares a container's limit among worker processes. */
export interface Workers {
  readonly server: 'gunicorn' | 'uvicorn' | 'uwsgi' | 'celery';
  /** Null where the command does not say. */
  readonly count: number | null;
  /** The option that restarts a worker after so much work. */
  readonly recycleOption: string;
  readonly recycles: boolean;
}

interface Server {
  readonly name: Workers['server'];
  readonly count: RegExp;
  readonly recycleOption: string;
  readonly recycle: RegExp;
  /** Variables with options of it. */
  readonly options: readonly string[];
  /** A variable with the number alone. */
  readonly countIn: string | null;
}

const SERVERS: readonly Server[] = [
  {
    name: 'gunicorn',
    count: /^(-w|--workers)$/,
    recycleOption: '--max-requests',
    recycle: /^--max-requests$/,
    options: ['GUNICORN_CMD_ARGS'],
    countIn: 'WEB_CONCURRENCY',
  },
  {
    name: 'uwsgi',
    count: /^(-p|--processes|--workers)$/,
    recycleOption: '--max-requests',
    recycle: /^(-R|--max-requests|--reload-on-rss)$/,
    options: [],
    countIn: 'UWSGI_PROCESSES',
  },
  {
    name: 'celery',
    count: /^(-c|--concurrency)$/,
    recycleOption: '--max-tasks-per-child',
    recycle: /^--max-(tasks|memory)-per-child$/,
    options: [],
    countIn: null,
  },
  {
    name: 'uvicorn',
    count: /^--workers$/,
    recycleOption: '--limit-max-requests',
    recycle: /^--limit-max-requests$/,
    options: [],
    countIn: 'WEB_CONCURRENCY',
  },
];

/** More are no number of workers. */
const mostWorkers = 1024;

/** The worker processes of a Python server by its command and variables; null where none is named. Pure. */
export function workersOf(spec: Pick<SpecFacts, 'args' | 'env'>): Workers | null {
  const reader = createWordReader(spec);
  const command = reader.ofCommand().map(({ text }) => text);
  const server = SERVERS.find(({ name }) => command.some((word) => word.split('/').at(-1) === name));
  if (server === undefined || reader.isTooLong()) return null;
  const words = [
    ...command,
    ...server.options.flatMap((name) => reader.ofVariable(name, true).map(({ text }) => text)),
  ];
  const written = valueOf(words, server.count) ?? (server.countIn === null ? null : spec.env[server.countIn]) ?? '';
  const count = /^\d{1,4}$/.test(written) ? Number(written) : 0;
  return {
    server: server.name,
    count: count >= 1 && count <= mostWorkers ? count : null,
    recycleOption: server.recycleOption,
    recycles: words.some((word) => server.recycle.test(word.split('=')[0] ?? '')),
  };
}

/** `--workers 4`, `--workers=4`, and `-w4`; what comes later wins. */
function valueOf(words: readonly string[], name: RegExp): string | null {
  for (let index = words.length - 1; index >= 0; index -= 1) {
    const word = words[index] ?? '';
    const [flag = '', value] = word.split('=');
    if (name.test(flag)) return value ?? words[index + 1] ?? null;
    const [, short, digits] = /^(-[a-z])(\d{1,4})$/.exec(word) ?? [];
    if (short !== undefined && digits !== undefined && name.test(short)) return digits;
  }
  return null;
}
