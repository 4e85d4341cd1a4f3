import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { capture } from '../../scripts/child.mjs';
import { projectRoot } from '../../scripts/project.mjs';
import { findActionlint, need } from './tools.ts';

const folder = join(projectRoot, '.github/workflows');
const names = ['release.yml', 'test.yml'] as const;

const rightsSchema = z.record(z.string(), z.string());
const jobSchema = z.looseObject({
  permissions: rightsSchema,
  'timeout-minutes': z.number().optional(),
  uses: z.string().optional(),
  steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })).default([]),
});
const workflowSchema = z.looseObject({ permissions: rightsSchema, jobs: z.record(z.string(), jobSchema) });

const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
const read = async (name: string) => workflowSchema.parse(parse(await textOf(name)));

test('these are all workflows', async () => {
  expect((await readdir(folder)).toSorted()).toEqual(names);
});

describe.each(names)('%s', (name) => {
  test('is one that actionlint has nothing to say of', async (context) => {
    const actionlint = need(context, await findActionlint());

    const { code, output } = await capture(process.execPath, [actionlint, `.github/workflows/${name}`], {
      cwd: projectRoot,
    });

    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Checking 1 workflow file') });
  });

  test('names each action of others by its commit, with its version beside', async () => {
    const uses = (await textOf(name)).split('\n').filter((line) => /\buses:/.test(line));

    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: (\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/);
  });

  test('gives no right but those that its jobs name, and ends each of them in time', async () => {
    const { permissions, jobs } = await read(name);

    expect(permissions).toEqual({});
    const endless = Object.entries(jobs).filter(([, job]) => job.uses === undefined && !job['timeout-minutes']);
    expect(endless).toEqual([]);
  });

  test('keeps no login in a checkout, and puts nothing that others can choose into a script', async () => {
    const { jobs } = await read(name);
    const steps = Object.values(jobs).flatMap((job) => job.steps);

    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout')))
      expect(step).toMatchObject({ with: { 'persist-credentials': false } });
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });
});

test('a release writes packages only where it pushes them, and the release alone where it makes it', async () => {
  const { jobs } = await read('release.yml');

  expect(Object.fromEntries(Object.entries(jobs).map(([job, { permissions }]) => [job, permissions]))).toEqual({
    test: { contents: 'read' },
    facts: { contents: 'read' },
    image: { contents: 'read', packages: 'write', 'id-token': 'write' },
    chart: { contents: 'read', packages: 'write', 'id-token': 'write' },
    release: { contents: 'write' },
  });
});

test('a command of a release that fails within a pipe fails', async () => {
  const schema = z.looseObject({ defaults: z.unknown() });

  expect(schema.parse(parse(await textOf('release.yml'))).defaults).toEqual({ run: { shell: 'bash' } });
});

test('the image of a release is for both platforms, with a bill of materials and its provenance, and signed', async () => {
  const { jobs } = await read('release.yml');

  expect(jobs['image']?.steps.find(({ uses }) => uses?.startsWith('docker/build-push-action@'))).toMatchObject({
    with: { platforms: 'linux/amd64,linux/arm64', push: true, sbom: true, provenance: 'mode=max' },
  });
  expect(jobs['image']?.steps.at(-1)?.run).toBe('cosign sign --yes "$IMAGE@$DIGEST"');
  expect(jobs['chart']?.steps.at(-1)?.run).toBe('cosign sign --yes "$CHARTS/oomkeeper@$DIGEST"');
});
