import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { say } from './progress.mjs';
import { projectRoot } from './project.mjs';

/**
 * Base images are named by tag and digest, so that each build has the same ones. This asks their registry what the tags
 * stand for now, and writes the digests into the files:
 *
 *     node scripts/base-images.mjs             updates the files
 *     node scripts/base-images.mjs --check     only says what is out of date; exit code 1 if something is
 */
const files = [
  'deploy/Dockerfile',
  'docker-compose.yml',
  'deploy/kubernetes/redis/redis.yaml',
  'deploy/helm/oomkeeper/values.yaml',
];
const pinned = /\b(?<name>node|redis):(?<tag>[\w.-]+)@(?<digest>sha256:[0-9a-f]{64})/g;
const deadlineMs = 20_000;
/** The index of all platforms, as an image is named in a manifest. */
const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json';

const { values } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    registry: { type: 'string', default: 'https://registry-1.docker.io' },
    root: { type: 'string', default: projectRoot },
  },
});

try {
  process.exitCode = (await update()) && values.check ? 1 : 0;
} catch (error) {
  say(`nothing more was changed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

/** @returns {Promise<boolean>} whether a tag stands for another image than the files say */
async function update() {
  /** @type {Map<string, string>} */
  const known = new Map();
  let outOfDate = false;
  for (const file of files) {
    const path = join(values.root, file);
    const before = await readFile(path, 'utf8');
    let after = before;
    for (const { 0: whole, groups } of before.matchAll(pinned)) {
      const { name = '', tag = '', digest = '' } = groups ?? {};
      const image = `${name}:${tag}`;
      const now = known.get(image) ?? (await digestOf(name, tag));
      known.set(image, now);
      say(`${file}: ${image} ${now === digest ? 'is up to date' : `${digest} -> ${now}`}`);
      after = after.replaceAll(whole, `${image}@${now}`);
    }
    if (after === before) continue;
    outOfDate = true;
    if (!values.check) await writeFile(path, after);
  }
  return outOfDate;
}

/**
 * @param {string} name of an official image
 * @param {string} tag
 * @returns {Promise<string>} the digest that the registry has for it
 */
async function digestOf(name, tag) {
  const url = new URL(`/v2/library/${name}/manifests/${tag}`, values.registry);
  const first = await ask(url, {});
  const response = first.status === 401 ? await ask(url, { authorization: await tokenFor(first) }) : first;
  const digest = response.headers.get('docker-content-digest') ?? '';
  if (!response.ok || !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new Error(`${url.host} answers ${response.status} about ${name}:${tag}, with the digest '${digest}'.`);
  return digest;
}

/**
 * @param {URL} url
 * @param {Record<string, string>} headers
 */
function ask(url, headers) {
  return fetch(url, { method: 'HEAD', headers: { accept, ...headers }, signal: AbortSignal.timeout(deadlineMs) });
}

/**
 * A token for whoever asks, from where the registry says (distribution's token authentication).
 * @param {Response} refused
 */
async function tokenFor(refused) {
  const challenge = refused.headers.get('www-authenticate') ?? '';
  const { realm, ...rest } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  if (realm === undefined) throw new Error(`the registry asks for '${challenge}', which this cannot give.`);
  const response = await fetch(`${realm}?${new URLSearchParams(rest).toString()}`, {
    signal: AbortSignal.timeout(deadlineMs),
  });
  /** @type {unknown} */
  const body = await response.json();
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string') throw new Error(`the registry gives no token (${response.status}).`);
  return `Bearer ${token}`;
}
