import type { ModuleFacts, ModuleImport } from './read-module.ts';

const maxLines = 300;

/** Files whose default export a tool asks for. */
const defaultExportAllowed = new Set(['vitest.config.ts', 'scripts/skip-reasons.mjs']);

/** What a layer may import beside itself. Adapters are told apart: none may import another, but what lies beside all. */
const layers: readonly { readonly layer: RegExp; readonly mayImport: readonly RegExp[] }[] = [
  { layer: /^src\/bin\//, mayImport: [/^src\/app\//, /^src\/core\//] },
  { layer: /^src\/app\//, mayImport: [/^src\/adapters\//, /^src\/flow\//, /^src\/core\//] },
  { layer: /^src\/flow\//, mayImport: [/^src\/core\//] },
  { layer: /^src\/adapters\/([^/]+)\//, mayImport: [/^src\/adapters\/[^/]+$/, /^src\/core\//] },
  { layer: /^src\/adapters\/[^/]+$/, mayImport: [/^src\/core\//] },
  { layer: /^src\/core\//, mayImport: [] },
  { layer: /^sandbox\//, mayImport: [] },
];

/** What the flow needs from outside, as types: an adapter names them to say what it fulfils. */
const flowNeeds = /^src\/flow\/([^/]+\/)?needs\.ts$/;
const purePackages = new Set(['zod', 'yaml']);
const badNames = /(^|-)(utils?|helpers?|manager|impl|index|common|misc)(\.|$)/;
const impure =
  /^(process\.|console\.|performance\.|crypto\.|Date\.now$|Math\.random$|new Date|fetch|set(Timeout|Interval|Immediate)|queueMicrotask)/;

/** All that is wrong with one file, as sentences; nothing where all is well. */
export function violations(module: ModuleFacts): string[] {
  const { path } = module;
  const isProduct = path.startsWith('src/') || path.startsWith('sandbox/');
  return [
    ...module.imports.flatMap((imported) => wrongImport(path, imported)),
    ...(path.startsWith('src/core/') ? module.reaches.filter((reach) => impure.test(reach)) : []).map(
      (reach) => `the core has no clock, no chance and no I/O, and this uses ${reach}`,
    ),
    ...(isForeignEnvironment(module) ? ['only src/app/config/config.ts reads process.env'] : []),
    ...(module.hasDefaultExport && !defaultExportAllowed.has(path) ? ['it has a default export'] : []),
    ...(module.hasEnum ? ['it has an enum'] : []),
    ...(module.isBarrel ? ['it is a barrel: it only exports what others declare'] : []),
    ...(module.hasHookAtTop && !path.endsWith('.test.ts')
      ? ['its hook is for the first test file alone: files of one process share what they import']
      : []),
    ...(isProduct && module.lines > maxLines ? [`it has ${module.lines} lines, more than ${maxLines}`] : []),
    ...(badNames.test(path.split('/').at(-1) ?? '') ? ['its name says nothing about what it is'] : []),
  ].map((problem) => `${path}: ${problem}`);
}

function isForeignEnvironment({ path, reaches }: ModuleFacts): boolean {
  return path.startsWith('src/') && path !== 'src/app/config/config.ts' && reaches.includes('process.env');
}

function wrongImport(path: string, imported: ModuleImport): string[] {
  if (!imported.isOwn) return wrongPackage(path, imported);
  const { target } = imported;
  const own = layers.find(({ layer }) => layer.test(path));
  if (!own) return [];
  const isTypeOfNeeds = imported.isType && path.startsWith('src/adapters/') && flowNeeds.test(target);
  // An adapter's layer is its own folder, named by the group in the pattern.
  const [folder = ''] = own.layer.exec(path) ?? [];
  const isAllowed = target.startsWith(folder) || isTypeOfNeeds || own.mayImport.some((layer) => layer.test(target));
  if (!isAllowed) return [`it may not import ${target}`];
  return [];
}

/** What the core may have of Node: it asks nobody, and always says the same. */
const pureOfNode: ReadonlyMap<string, readonly string[]> = new Map([
  ['node:crypto', ['createHash']],
  ['node:buffer', ['isUtf8']],
]);

function wrongPackage(path: string, { target, names, isType }: ModuleImport): string[] {
  if (!path.startsWith('src/core/') || isType || purePackages.has(target)) return [];
  const pure = pureOfNode.get(target);
  if (pure !== undefined && names.every((name) => pure.includes(name))) return [];
  return [`the core may not import ${target}`];
}
