import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from './project.mjs';

/*
 * What a release says of itself: the section of CHANGELOG.md for the version of a tag. Program, chart and image have one
 * number, so a tag that is not all of them makes no release.
 *
 *     node scripts/release-notes.mjs v0.2.0
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { root: { type: 'string', default: projectRoot } },
});
const [tag = ''] = positionals;

try {
  process.stdout.write(`${await notesOf(tag)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** @param {string} name of the tag */
async function notesOf(name) {
  const version = /^v(\d+\.\d+\.\d+)$/.exec(name)?.[1];
  if (version === undefined) throw new Error(`'${name}' is no tag of a release; those are v0.2.0 and the like.`);
  for (const [place, found] of Object.entries(await versions()))
    if (found !== version) throw new Error(`The tag says ${version}, and ${place} says ${String(found)}.`);
  const section = sectionOf(await read('CHANGELOG.md'), version);
  if (section === null)
    throw new Error(`CHANGELOG.md has nothing under '## ${version}'; give the section 'Unreleased' that name.`);
  return section;
}

/** @returns {Promise<Record<string, unknown>>} by the place that says them */
async function versions() {
  const [program, lock, chart] = await Promise.all([
    read('package.json'),
    read('package-lock.json'),
    read('deploy/helm/oomkeeper/Chart.yaml'),
  ]);
  const of = (/** @type {string} */ key) => new RegExp(`^${key}: *(.*?) *$`, 'm').exec(chart)?.[1];
  return {
    'package.json': versionIn(program),
    'package-lock.json': versionIn(lock),
    'version of Chart.yaml': of('version'),
    'appVersion of Chart.yaml': of('appVersion'),
  };
}

/**
 * @param {string} json
 * @returns {unknown}
 */
function versionIn(json) {
  /** @type {unknown} */
  const parsed = JSON.parse(json);
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
}

/**
 * What stands between the heading of a version, perhaps with a date behind it, and the next one; null where there is
 * nothing.
 * @param {string} changelog
 * @param {string} version
 */
function sectionOf(changelog, version) {
  const lines = changelog.split('\n');
  const isHeading = (/** @type {string} */ line) => line.startsWith('## ');
  const begin = lines.findIndex((line) => isHeading(line) && line.split(' ')[1] === version);
  if (begin === -1) return null;
  const length = lines.slice(begin + 1).findIndex(isHeading);
  const end = length === -1 ? lines.length : begin + 1 + length;
  return (
    lines
      .slice(begin + 1, end)
      .join('\n')
      .trim() || null
  );
}

/** @param {string} file */
function read(file) {
  return readFile(join(values.root, file), 'utf8');
}
