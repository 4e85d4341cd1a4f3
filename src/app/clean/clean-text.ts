import type { Annotated, OwnAnnotations } from '../../adapters/kubernetes/write/own-annotations.ts';
import { counted } from '../../core/talk/words.ts';
import { shownLine } from '../command-line/terminal-text.ts';
import { textTable } from '../command-line/text-table.ts';

/** What became of one object; null where nothing was tried. */
export interface Cleaned {
  readonly object: Annotated;
  readonly problem: string | null;
}

/** For a person. `cleaned` is null where it was only to be shown. */
export function cleanText(found: OwnAnnotations, cleaned: readonly Cleaned[] | null): string {
  const { objects, templates, peoples, unread } = found;
  const table =
    objects.length === 0
      ? []
      : [
          textTable([
            ['KIND', 'NAMESPACE', 'NAME', 'PLAN'],
            ...objects.map(({ kind, namespace, name, plan }) => [kind, namespace, name, shownLine(plan)]),
          ]),
          '',
        ];
  const stays = [
    'memory limits, requests and heap flags, as they are now',
    ...(peoples.length === 0 ? [] : [`what people wrote: ${peoples.map(shownLine).join(', ')}`]),
    ...templates.map(
      (one) => `oomkeeper.dev/plan in the pod template of ${nameOf(one)}: to remove it there would restart its pods`,
    ),
  ];
  return [
    ...table,
    ...outcome(objects, cleaned),
    ...unread.map((one) => `Not looked at: ${shownLine(one)}`),
    'What stays:',
    ...stays.map((one) => `- ${one}`),
    '',
  ].join('\n');
}

function outcome(objects: readonly Annotated[], cleaned: readonly Cleaned[] | null): readonly string[] {
  if (objects.length === 0) return ['No object carries the annotation oomkeeper.dev/plan; there is nothing to remove.'];
  if (cleaned === null)
    return [
      `The annotation oomkeeper.dev/plan would be removed from ${counted(objects.length, 'object')}. No pod restarts.`,
      'Nothing changed. Add --yes to remove it.',
    ];
  const failed = cleaned.filter(({ problem }) => problem !== null);
  return [
    `Removed from ${counted(cleaned.length - failed.length, 'object')}. No pod restarts.`,
    ...failed.map(({ object, problem }) => `Not removed from ${nameOf(object)}: ${shownLine(problem ?? '')}`),
  ];
}

function nameOf({ kind, namespace, name }: Annotated): string {
  return `${kind} ${namespace}/${name}`;
}

/** One line for each object, and one for all. */
export function cleanJson(found: OwnAnnotations, cleaned: readonly Cleaned[] | null): readonly object[] {
  const { objects, templates, peoples, unread } = found;
  const problems = new Map(cleaned?.map(({ object, problem }) => [object, problem]));
  const removed = cleaned?.filter(({ problem }) => problem === null).length ?? 0;
  return [
    ...objects.map((object) => ({
      kind: object.kind,
      namespace: object.namespace,
      name: object.name,
      plan: object.plan,
      removed: cleaned !== null && problems.get(object) === null,
      problem: problems.get(object) ?? null,
    })),
    {
      summary: true,
      found: objects.length,
      removed,
      left: { templates: templates.map(nameOf), annotations: peoples },
      unread,
    },
  ];
}
