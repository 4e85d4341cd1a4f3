import { Failure } from '../../core/failure.ts';
import { editManifest } from '../../core/remediate/edit/edit-manifest.ts';
import type { ManifestEdit } from '../../core/remediate/edit/manifest-edit.ts';
import { formatSource } from '../../core/remediate/source.ts';
import type { Source } from '../../core/remediate/source.ts';
import type { FileAt, Repository } from './repository.ts';

/** The file of a source, and the branch it is to be changed on. */
export interface FoundFile {
  readonly base: { readonly branch: string; readonly commit: string };
  readonly file: FileAt;
}

const manifest = /\.ya?ml$/i;
/** In a folder with more manifests than this the annotation has to name the file. */
const mostFiles = 40;
/** Each may have a megabyte. */
const atOnce = 5;

/**
 * Finds the file that a source names. Where it names a folder, the one manifest in it that holds the object; folders
 * below it are not looked into. @throws Failure `source-…` with what to write into the annotation instead
 */
export async function findFile(repository: Repository, source: Source, edit: ManifestEdit): Promise<FoundFile> {
  const { isArchived, defaultBranch } = await repository.info();
  if (isArchived) {
    const instead = 'Name the repository that took its place, or change the value by hand.';
    throw new Failure('github-archived', `${repository.name} is archived and so read-only. ${instead}`);
  }
  const branch = source.branch ?? defaultBranch;
  const commit = await repository.tip(branch);
  if (commit === null) throw new Failure('source-no-branch', `There is no branch ${branch} in ${repository.name}.`);
  const base = { branch, commit };
  const found = await repository.at(source.path, commit);
  if (found === null)
    throw new Failure(
      'source-no-file',
      `There is no ${source.path} on ${branch} of ${repository.name}. ${howTo(source)}`,
    );
  if (found.is === 'file') return { base, file: found };

  const paths = found.files.filter((path) => manifest.test(path));
  if (paths.length > mostFiles) {
    const many = `${formatSource(source)} holds ${paths.length} manifests, more than Oomkeeper looks through.`;
    throw new Failure('source-too-many-files', `${many} ${howTo(source)}`);
  }
  const candidates: FileAt[] = [];
  let unread = 0;
  for (let from = 0; from < paths.length; from += atOnce) {
    const some = paths.slice(from, from + atOnce);
    for (const file of await Promise.all(some.map(async (path) => fileAt(repository, path, commit)))) {
      const answer = file === null ? null : editManifest(file.text, edit);
      if (answer?.ok === false && answer.reason === 'not-found') continue;
      if (file === null || answer === null || (!answer.ok && isElsewhere(answer.reason))) unread += 1;
      else candidates.push(candidates.length === 0 ? file : { ...file, text: '' });
    }
  }
  const [one, ...others] = candidates;
  if (one !== undefined && others.length === 0) return { base, file: one };
  const what = `${edit.kind} ${edit.name}`;
  if (one === undefined) {
    const but = unread === 0 ? '' : ` (${unread} of them could not be read as manifests)`;
    const where = `none of the ${paths.length} manifests in ${formatSource(source)}${but}`;
    throw new Failure('source-not-found', `${what} is in ${where}. ${howTo(source)}`);
  }
  const names = candidates.map(({ path }) => path).join(' and ');
  throw new Failure('source-two-candidates', `${what} is in ${names}; only one can be meant. ${howTo(source)}`);
}

/** Null for what cannot be a manifest: too large, or no text. */
async function fileAt(repository: Repository, path: string, commit: string): Promise<FileAt | null> {
  try {
    const found = await repository.at(path, commit);
    return found?.is === 'file' ? found : null;
  } catch (error) {
    if (error instanceof Failure && error.code.startsWith('source-')) return null;
    throw error;
  }
}

/** Files that do not hold the object, or cannot be read so far as to tell. */
function isElsewhere(reason: Exclude<ReturnType<typeof editManifest>, { ok: true }>['reason']): boolean {
  return (
    reason === 'not-found' ||
    reason === 'not-yaml' ||
    reason === 'template' ||
    reason === 'tabs' ||
    reason === 'too-large'
  );
}

function howTo({ owner, repo, branch }: Source): string {
  const example = formatSource({ owner, repo, path: 'PATH/FILE.yaml', branch });
  return `Name the file in the annotation or the mapping: ${example}`;
}
