import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../../scripts/project.mjs';
import { readConfig } from '../../src/app/config/config.ts';
import { aboutVariables } from '../../src/app/config/variables.ts';
import { secretOwners } from './secret-owners.ts';
import { findComposeSchema, need } from './tools.ts';

const processes = ['watcher', 'worker', 'bot'] as const;
/** Secrets that are for some process, not for all. */
const ofOne = aboutVariables().flatMap(([name, { secret }]) => (secret && name !== 'REDIS_URL' ? [name] : []));

const serviceSchema = z.looseObject({
  image: z.string(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.string().optional(),
  user: z.string(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  privileged: z.never().optional(),
  network_mode: z.never().optional(),
  ports: z.never().optional(),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
});
const fileSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() }).nullable()),
  volumes: z.record(z.string(), z.unknown()),
});

async function readCompose(): Promise<unknown> {
  return parse(await readFile(join(projectRoot, 'docker-compose.yml'), 'utf8'), { merge: true });
}

/** Throws for a service that has privileges, ports or a file system that it may write to. */
async function services() {
  const file = fileSchema.parse(await readCompose());
  const service = (name: string) => {
    const found = file.services[name];
    if (found === undefined) throw new Error(`there is no service ${name}`);
    return found;
  };
  return { file, service };
}

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

/**
 * The schema as zod reads it. Its older keyword for definitions is renamed, and `format` left out: its "duration" is
 * Docker's `10s`, not that of ISO 8601.
 */
function asZod(text: string): z.ZodType {
  const withoutFormat = (key: string, value: unknown): unknown =>
    key === 'format' && typeof value === 'string' ? undefined : value;
  const parsed: unknown = JSON.parse(text.replaceAll('#/definitions/', '#/$defs/'), withoutFormat);
  const { definitions, id: _name, ...rest } = z.looseObject({ definitions: z.unknown() }).parse(parsed);
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  return z.fromJSONSchema({ ...rest, $schema, $defs: definitions } as JsonSchema);
}

test('docker-compose.yml is what the schema of compose files allows', async (context) => {
  const schema = asZod(need(context, await findComposeSchema()));
  const shape = z.looseObject({ services: z.looseObject({ bot: z.looseObject({}) }) });
  const file = shape.parse(await readCompose());

  const spoilt = { ...file, services: { ...file.services, bot: { ...file.services.bot, read_onli: true } } };

  expect(schema.safeParse(file).error?.issues).toBeUndefined();
  expect(schema.safeParse(spoilt).error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['read_onli'] }]);
});

test('Redis keeps everything on disk, evicts nothing, and nobody outside of the containers reaches it', async () => {
  const { file, service } = await services();
  const redis = service('redis');

  const words = redis.command.join(' ');
  expect(words).toContain('--appendonly yes');
  expect(words).toContain('--maxmemory-policy noeviction');
  expect(redis.volumes).toEqual(['redis:/data']);
  expect(Object.keys(file.volumes)).toEqual(['redis']);
  expect(redis.networks).toEqual(['inside']);
  expect(file.networks['inside']).toEqual({ internal: true });
});

test('the three processes run one image, wait for Redis, and say by /readyz how they are', async () => {
  const { service } = await services();

  for (const name of processes) {
    const one = service(name);
    expect(one.command).toEqual([name]);
    expect(one.image).toBe(service('bot').image);
    expect(one.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    expect(one.healthcheck.test).toEqual(['CMD', 'node', 'deploy/healthcheck.mjs', '/readyz']);
    expect(one.env_file).toBe('.env');
  }
});

test('with .env.example filled in, each process has the configuration that it starts with, and no secret of another', async () => {
  const { service } = await services();
  const example = await readFile(join(projectRoot, '.env.example'), 'utf8');
  const lines = example.split('\n').filter((line) => /^[A-Z_]+=/.test(line));
  const filled = {
    ...Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    ...Object.fromEntries(
      aboutVariables().flatMap(([name, { example: value }]) => (ofOne.includes(name) ? [[name, value]] : [])),
    ),
    OOMKEEPER_CLUSTER: 'prod',
    KUBECONFIG: '/home/me/.kube/config',
  };

  const configs = processes.map((name) => readConfig({ ...filled, ...service(name).environment }, [name]));

  expect(configs.map(({ REDIS_URL: url }) => url)).toEqual(Array(3).fill('redis://redis:6379'));
  expect(configs.map(({ OOMKEEPER_OPS_HOST: host, OOMKEEPER_OPS_PORT: port }) => `${host}:${port}`)).toEqual(
    Array(3).fill('0.0.0.0:9464'),
  );
  expect(configs.map(({ KUBECONFIG: path }) => path)).toEqual([
    '/etc/oomkeeper/kubeconfig',
    '/etc/oomkeeper/kubeconfig',
    '',
  ]);
  const held = configs.map((config) =>
    Object.entries(config).flatMap(([name, value]) => (ofOne.includes(name) && value ? [name] : [])),
  );
  expect(held.map((names) => names.toSorted())).toEqual(processes.map((name) => secretOwners[name]));
});
