import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { editManifest } from '../../../../../src/core/remediate/edit/edit-manifest.ts';
import type { ManifestEdit, RefusalReason } from '../../../../../src/core/remediate/edit/manifest-edit.ts';
import { deployment, indented, Mi, resources, toMore, withFlag, wordChange } from '../../../../fixtures/manifests.ts';

/** What stands in the file, and what has to stand in its place; all else must stay, to the byte. */
type Replacement = readonly [is: string, becomes: string];

type Refused = readonly [name: string, reason: RefusalReason, text: string, edit?: ManifestEdit];

interface Case {
  readonly name: string;
  readonly text: string;
  readonly replaced: readonly Replacement[];
  readonly edit?: ManifestEdit;
}

const limit: Replacement = ['    memory: 512Mi\n', '    memory: 640Mi\n'];
const request: Replacement = ['    memory: 256Mi\n', '    memory: 640Mi\n'];
const both = [limit, request];
const plain = deployment(resources);
const service = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: checkout\n';

const [head = '', template = ''] = plain.split('spec:\n  template:\n');
const cronJob = `${head.replace('Deployment', 'CronJob')}spec:\n  jobTemplate:\n    spec:\n${indented(`  template:\n${template}`, 4)}`;

function expectedOf({ text, replaced }: Pick<Case, 'text' | 'replaced'>): string {
  return replaced.reduce((now, [is, becomes]) => {
    if (now.split(is).length !== 2) throw new Error(`"${is}" does not stand exactly once in the case's text`);
    return now.replace(is, () => becomes);
  }, text);
}

const limitOnly: ManifestEdit = { ...toMore, to: { limitBytes: 640 * Mi, requestBytes: null } };

const forms: readonly Case[] = [
  { name: 'block style', text: plain, replaced: both },
  {
    name: 'comments beside, above and below',
    text: plain.replace('512Mi', '512Mi # was 256Mi until May\n              # and that is enough'),
    replaced: [['512Mi', '640Mi'], request],
  },
  { name: 'double quotes stay', text: plain.replace('512Mi', '"512Mi"'), replaced: [['"512Mi"', '"640Mi"'], request] },
  { name: 'single quotes stay', text: plain.replace('512Mi', "'512Mi'"), replaced: [["'512Mi'", "'640Mi'"], request] },
  {
    name: 'line ends of Windows',
    text: plain.replaceAll('\n', '\r\n'),
    replaced: [
      ['512Mi\r\n', '640Mi\r\n'],
      ['256Mi\r\n', '640Mi\r\n'],
    ],
  },
  {
    name: 'no line end at the end',
    text: plain.trimEnd(),
    replaced: [
      ['512Mi', '640Mi'],
      ['256Mi', '640Mi'],
    ],
  },
  { name: 'a byte order mark', text: `\uFEFF${plain}`, replaced: both },
  {
    name: 'spaces at the ends of lines',
    text: plain.replace('512Mi', '512Mi  '),
    replaced: [['512Mi  ', '640Mi  '], request],
  },
  {
    name: 'tabs that only separate',
    text: plain.replace('memory: 512Mi', 'memory:\t512Mi'),
    replaced: [['\t512Mi', '\t640Mi'], request],
  },
  { name: 'another unit', text: plain.replace('512Mi', '0.5Gi'), replaced: [['0.5Gi', '640Mi'], request] },
  { name: 'bytes as a number', text: plain.replace('512Mi', '536870912'), replaced: [['536870912', '640Mi'], request] },
  {
    name: 'flow style',
    text: deployment('resources: {limits: {cpu: 1, memory: 512Mi}, requests: {memory: 256Mi}}\n'),
    replaced: [
      ['512Mi', '640Mi'],
      ['256Mi', '640Mi'],
    ],
  },
  {
    name: 'JSON',
    text: JSON.stringify(JSON.parse(JSON.stringify(parseAllDocuments(plain)[0])), null, 2),
    replaced: [
      ['"512Mi"', '"640Mi"'],
      ['"256Mi"', '"640Mi"'],
    ],
  },
  {
    name: 'sequences that are not indented',
    text: plain.replaceAll(/^ {2}(?= {6,}\S)/gm, ''),
    replaced: both,
  },
  {
    name: 'four columns a level',
    text: `kind: Deployment\nmetadata:\n    name: checkout\nspec:\n    template:\n        spec:\n            containers:\n                - name: app\n                  resources:\n                      limits:\n                          memory: 512Mi\n                      requests:\n                          memory: 256Mi\n`,
    replaced: both,
  },
  {
    name: 'a file of several documents',
    text: `${service}---\n# the shop\n${plain}---\n${deployment(resources, 'cart').replaceAll('512Mi', '300Mi').replaceAll('256Mi', '200Mi')}`,
    replaced: both,
  },
  { name: 'a file that begins and ends with markers', text: `---\n${plain}...\n`, replaced: both },
  { name: 'no namespace in the file', text: plain.replace('  namespace: shop\n', ''), replaced: both },
  {
    name: 'the same name in another namespace beside it',
    text: `${deployment(resources.replaceAll(/\d+Mi/g, '1Gi'), 'checkout', 'test')}---\n${plain}`,
    replaced: both,
  },
  {
    name: 'one with the namespace wins over one without',
    text: `${deployment(resources.replaceAll(/\d+Mi/g, '1Gi')).replace('  namespace: shop\n', '')}---\n${plain}`,
    replaced: both,
  },
  {
    name: 'another container beside it',
    text: plain + indented(`- name: proxy\n${indented(resources.replaceAll(/\d+Mi/g, '1Gi'), 2)}`, 8),
    replaced: both,
  },
  { name: 'an init container', text: plain.replace('containers:', 'initContainers:'), replaced: both },
  { name: 'a List', text: `apiVersion: v1\nkind: List\nitems:\n  - ${indented(plain, 4).trimStart()}`, replaced: both },
  {
    name: 'a DeploymentList whose items say no kind',
    text: `kind: DeploymentList\nitems:\n- ${indented(plain.replace('kind: Deployment\n', ''), 2).trimStart()}`,
    replaced: both,
  },
  {
    name: 'a CronJob',
    edit: { ...toMore, kind: 'CronJob' },
    text: cronJob,
    replaced: both,
  },
  {
    name: 'a bare Pod',
    edit: { ...toMore, kind: 'Pod' },
    text: `kind: Pod\nmetadata: {name: checkout}\nspec:\n  containers:\n  - name: app\n${indented(resources, 4)}`,
    replaced: both,
  },
  {
    name: 'a name that reads as a number',
    edit: { ...toMore, name: '007' },
    text: deployment(resources, '007'),
    replaced: both,
  },
  { name: 'only the limit is wanted', edit: limitOnly, text: plain, replaced: [limit] },
  {
    name: 'the request is as wanted already, in another unit',
    text: plain.replace('256Mi', '655360Ki'),
    replaced: [limit],
  },
  {
    name: 'template markers in another object',
    text: `${plain}---\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: "{{ .x }} \${Y}"}\n`,
    replaced: both,
  },
  {
    name: 'template markers in another place of the object',
    text: plain
      .replace('  namespace: shop\n', '  namespace: shop\n  annotations: {note: "{{ .Values.x }}"}\n')
      .replace('# pinned', '# pinned\n          args: ["echo ${HOME}"]'),
    replaced: both,
  },
  {
    name: 'a namespace that is filled in',
    text: plain.replace('namespace: shop', 'namespace: ${NAMESPACE}'),
    replaced: both,
  },
  {
    name: 'an anchor elsewhere',
    text: plain
      .replace('metadata:\n', 'metadata:\n  labels: &labels {app: shop}\n')
      .replace('  template:\n', '  selector: {matchLabels: *labels}\n  template:\n'),
    replaced: both,
  },
];

const additions: readonly Case[] = [
  {
    name: 'no resources',
    text: deployment('ports: []\n'),
    replaced: [
      [
        'ports: []\n',
        `ports: []\n${indented('resources:\n  limits:\n    memory: 640Mi\n  requests:\n    memory: 640Mi\n', 10)}`,
      ],
    ],
  },
  {
    name: 'no resources and no line end at the end',
    text: deployment('ports: []'),
    replaced: [
      [
        'ports: []',
        `ports: []\n${indented('resources:\n  limits:\n    memory: 640Mi\n  requests:\n    memory: 640Mi', 10)}`,
      ],
    ],
  },
  {
    name: 'no resources before another container',
    edit: limitOnly,
    text: `${deployment('tty: true # x\n# the proxy\n')}        - name: proxy\n`,
    replaced: [['tty: true # x\n', `tty: true # x\n${indented('resources:\n  limits:\n    memory: 640Mi\n', 10)}`]],
  },
  {
    name: 'resources is empty, with a comment',
    edit: limitOnly,
    text: deployment('resources: # to be measured\nports: []\n'),
    replaced: [['measured\n', `measured\n${indented('limits:\n  memory: 640Mi\n', 12)}`]],
  },
  {
    name: 'resources is empty at the end, Windows',
    edit: limitOnly,
    text: deployment('resources:').replaceAll('\n', '\r\n'),
    replaced: [['resources:', `resources:\r\n            limits:\r\n              memory: 640Mi`]],
  },
  {
    name: 'resources is {}',
    edit: limitOnly,
    text: deployment('resources: {} # none\n'),
    replaced: [['{}', '{ limits: { memory: 640Mi } }']],
  },
  {
    name: 'resources is null',
    edit: limitOnly,
    text: deployment('resources: null\n'),
    replaced: [['null', '{ limits: { memory: 640Mi } }']],
  },
  {
    name: 'no limits',
    edit: limitOnly,
    text: deployment('resources:\n  requests:\n    memory: 256Mi # enough\n'),
    replaced: [['# enough\n', `# enough\n${indented('limits:\n  memory: 640Mi\n', 12)}`]],
  },
  {
    name: 'limits without memory',
    edit: limitOnly,
    text: deployment('resources:\n  limits:\n    cpu: "1"\n    # no memory yet\n'),
    replaced: [['cpu: "1"\n', `cpu: "1"\n${' '.repeat(14)}memory: 640Mi\n`]],
  },
  {
    name: 'limits without memory in flow style',
    edit: limitOnly,
    text: deployment('resources: {limits: {cpu: 1}}\n'),
    replaced: [['cpu: 1', 'cpu: 1, memory: 640Mi']],
  },
  {
    name: 'memory is empty',
    edit: limitOnly,
    text: deployment('resources:\n  limits:\n    memory: # TODO\n'),
    replaced: [['memory: #', 'memory: 640Mi #']],
  },
  {
    name: 'the empty memory of a flow mapping',
    edit: limitOnly,
    text: deployment('resources: {limits: {memory: }}\n'),
    replaced: [['memory: }', 'memory: 640Mi }']],
  },
  {
    name: 'JSON without limits',
    edit: { ...limitOnly, kind: 'Pod' },
    text: '{\n  "kind": "Pod",\n  "metadata": {"name": "checkout"},\n  "spec": {"containers": [{"name": "app",\n    "resources": {\n      "requests": {"memory": "256Mi"}\n    }}]}\n}',
    replaced: [['"256Mi"}', '"256Mi"},\n      "limits": {"memory": "640Mi"}']],
  },
  {
    name: 'after a block of text',
    edit: limitOnly,
    text: deployment('args:\n  - |\n    run\n\nports:\n'),
    replaced: [['ports:\n', `ports:\n${indented('resources:\n  limits:\n    memory: 640Mi\n', 10)}`]],
  },
  {
    name: 'with a block of text as the last value',
    edit: limitOnly,
    text: `${deployment('command: [sh]\nargs:\n  - |\n    run\n')}\n# end\n`,
    replaced: [['    run\n', `    run\n${indented('resources:\n  limits:\n    memory: 640Mi\n', 10)}`]],
  },
  {
    name: 'three columns a level',
    edit: limitOnly,
    text: 'kind: Deployment\nmetadata:\n   name: checkout\nspec:\n   template:\n      spec:\n         containers:\n         -  name: app\n',
    replaced: [
      [
        '-  name: app\n',
        `-  name: app\n${' '.repeat(12)}resources:\n${' '.repeat(15)}limits:\n${' '.repeat(18)}memory: 640Mi\n`,
      ],
    ],
  },
];

const same = [limit, request];
const flags: readonly Case[] = [
  {
    name: 'a quoted value',
    edit: withFlag('-Xmx448m', 'JAVA_TOOL_OPTIONS', '-Xmx384m'),
    text: deployment(`${resources}env:\n  - name: JAVA_TOOL_OPTIONS\n    value: "-Xmx384m" # 3/4\n`),
    replaced: [...same, ['"-Xmx384m"', '"-Xmx448m"']],
  },
  {
    name: 'a plain value',
    edit: withFlag('-Xmx448m', 'JAVA_TOOL_OPTIONS', '-Xmx384m'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n    value: -Xmx384m -XX:+UseG1GC\n${resources}`),
    replaced: [...same, ['-Xmx384m', '-Xmx448m']],
  },
  {
    name: 'an empty value that would become a number',
    edit: withFlag('448', 'CACHE_MB'),
    text: deployment(`env:\n  - name: CACHE_MB\n    value: ~\n${resources}`),
    replaced: [...same, ['value: ~', 'value: "448"']],
  },
  {
    name: 'a word that YAML 1.1 takes for a boolean',
    edit: withFlag('on', 'GC'),
    text: deployment(`env:\n  - name: GC\n    value: ""\n${resources}`),
    replaced: [...same, ['""', '"on"']],
  },
  {
    name: 'a word among others, whatever they hold',
    edit: withFlag('-Xmx448m', 'JAVA_TOOL_OPTIONS', '-Xmx384m'),
    text: deployment(
      String.raw`env:
  - name: JAVA_TOOL_OPTIONS
    value: "-Dpw=\"a b\"\u0020-Xmx384m -Dx=\\ \
      -Dy={z}" # -Xmx384m is much
${resources}`.replace(String.raw`\u0020`, ' '),
    ),
    replaced: [...same, [' -Xmx384m -Dx', ' -Xmx448m -Dx']],
  },
  {
    name: 'a word in a block of text',
    edit: withFlag('-Xmx448m', 'JAVA_TOOL_OPTIONS', '-Xmx384m'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n    value: >-\n      -Da=b\n      -Xmx384m\n${resources}`),
    replaced: [...same, ['-Xmx384m', '-Xmx448m']],
  },
  {
    name: 'a word that is added behind others',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n    value: '-Da=b '\n${resources}`),
    replaced: [...same, ["'-Da=b '", "'-Da=b -Xmx448m '"]],
  },
  {
    name: 'a word that is added to a block of text',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n    value: |\n      -Da=b\n      -Dc=d\n${resources}`),
    replaced: [...same, ['-Dc=d\n', '-Dc=d -Xmx448m\n']],
  },
  {
    name: 'a flag and its value in two words',
    edit: withFlag('--max-old-space-size=448', 'NODE_OPTIONS', '--max-old-space-size 900'),
    text: deployment(`env:\n  - name: NODE_OPTIONS\n    value: --max-old-space-size   900 --inspect\n${resources}`),
    replaced: [...same, ['--max-old-space-size   900', '--max-old-space-size=448']],
  },
  {
    name: 'an entry without a value',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n${resources}`),
    replaced: [
      ...same,
      ['OPTIONS\n', 'OPTIONS\n            value: "-Xmx448m"\n'].map((text) =>
        text.replace('            value', '              value'),
      ) as [string, string],
    ],
  },
  {
    name: 'an entry is added to the list',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n  - name: PORT\n    value: '80'\n${resources}`),
    replaced: [...same, ["'80'\n", `'80'\n${indented("- name: JAVA_TOOL_OPTIONS\n  value: '-Xmx448m'\n", 12)}`]],
  },
  {
    name: 'an entry is added to a list that is not indented',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n- name: PORT\n  value: "80"\n${resources}`),
    replaced: [...same, ['"80"\n', `"80"\n${indented('- name: JAVA_TOOL_OPTIONS\n  value: "-Xmx448m"\n', 10)}`]],
  },
  {
    name: 'an entry is added to a list in flow style',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env: [{name: PORT, value: "80"}]\n${resources}`),
    replaced: [...same, ['"80"}', '"80"}, { name: JAVA_TOOL_OPTIONS, value: "-Xmx448m" }']],
  },
  {
    name: 'an entry is added to an empty list',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env: []\n${resources}`),
    replaced: [...same, ['[]', '[{ name: JAVA_TOOL_OPTIONS, value: "-Xmx448m" }]']],
  },
  {
    name: 'the list is empty',
    edit: withFlag('-Xmx448m'),
    text: deployment(`env:\n${resources}`),
    replaced: [...same, ['env:\n', `env:\n${indented('- name: JAVA_TOOL_OPTIONS\n  value: "-Xmx448m"\n', 12)}`]],
  },
  {
    name: 'there is no list',
    edit: withFlag('-Xmx448m'),
    text: deployment(resources),
    replaced: [
      limit,
      [
        '    memory: 256Mi\n',
        `    memory: 640Mi\n${indented('env:\n  - name: JAVA_TOOL_OPTIONS\n    value: "-Xmx448m"\n', 10)}`,
      ],
    ],
  },
];

/** No word of a variable, and no flag; a variable gets it as it is. */
const hostile: readonly Case[] = [
  {
    name: 'an empty value in single quotes',
    edit: withFlag("it's 448"),
    text: deployment(`env:\n  - {name: JAVA_TOOL_OPTIONS, value: ''}\n${resources}`),
    replaced: [...same, ["''", "'it''s 448'"]],
  },
  {
    name: 'a value that begins a comment or ends a mapping',
    edit: withFlag('a: b #c, }', 'GC'),
    text: deployment(`env:\n  - {name: GC, value: ""}\n${resources}`),
    replaced: [...same, ['""', '"a: b #c, }"']],
  },
  {
    name: 'hostile text stays a string',
    edit: withFlag('"\n- evil: true\u0085\u2028{{ x }}'),
    text: deployment(`env:\n  - name: JAVA_TOOL_OPTIONS\n    value: ""\n${resources}`),
    replaced: [...same, ['""', String.raw`"\"\n- evil: true\u0085\u2028{{ x }}"`]],
  },
];

describe('an edit of a manifest', () => {
  test.each([...forms, ...additions, ...flags, ...hostile])('changes nothing but the wanted values: $name', (one) => {
    const edited = editManifest(one.text, one.edit ?? toMore);

    expect(edited).toMatchObject({ ok: true });
    expect(edited.text).toBe(expectedOf(one));
  });

  test.each([...forms, ...additions, ...flags])('is done once: $name', ({ text, edit = toMore }) => {
    const first = editManifest(text, edit);
    const second = editManifest(first.text, edit);

    expect(first.ok).toBe(true);
    expect(second).toMatchObject({ ok: false, reason: 'nothing-to-change' });
  });

  test('tells where and from what', () => {
    const text = `${service}---\n${deployment(`${resources}env:\n  - name: HEAP\n    value: '384'\n`)}`;

    const edited = editManifest(text, withFlag('448', 'HEAP', '384'));

    const container = 'spec.template.spec.containers[0]';
    expect(edited).toMatchObject({
      document: 1,
      changes: [
        { path: `${container}.resources.limits.memory`, from: '512Mi', to: '640Mi' },
        { path: `${container}.resources.requests.memory`, from: '256Mi', to: '640Mi' },
        { path: `${container}.env[0].value`, from: '384', to: '448' },
      ],
    });
  });

  const flag = withFlag('-Xmx448m');
  const becomes = (from: string, to: string) => withFlag(to, 'JAVA_TOOL_OPTIONS', from);
  const lower = becomes('-Xmx384m', '-Xmx448m');
  const addedTo = { ...toMore, env: [wordChange('JAVA_TOOL_OPTIONS', null, '-Xmx448m', true)] };
  const flagged = (value: string): string =>
    deployment(`${resources}env:\n  - name: JAVA_TOOL_OPTIONS\n    ${value}\n`);
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
    .split('')
    .map((key, index) => `${key}: &${key} [${Array.from({ length: 10 }, () => `*${'abcdefgh'[index]}`).join(', ')}]`)
    .join('\n')}\n`;
  const refused: readonly Refused[] = [
    ['the value is an alias', 'alias', `x: &m 512Mi\n${plain.replace('512Mi', '*m')}`],
    ['the value has an anchor', 'alias', plain.replace('512Mi', '&m 512Mi')],
    ['the limits are an alias', 'alias', `x: &l {memory: 512Mi}\n${deployment('resources:\n  limits: *l\n')}`],
    ['the resources have an anchor', 'alias', plain.replace('resources:', 'resources: &r')],
    ['the empty resources have an anchor', 'alias', deployment('resources: &r\nports: []\n')],
    ['the pod template has an anchor', 'alias', plain.replace('  template:', '  template: &t')],
    [
      'a merge key is beside the value',
      'alias',
      `x: &l {cpu: 1}\n${plain.replace('limits:\n', 'limits:\n              <<: *l\n')}`,
    ],
    [
      'the container is an alias',
      'alias',
      `x: &c {name: app}\n${plain.replaceAll(/ {8}- name: app[^]*/g, '        - *c\n')}`,
    ],
    ['the list of variables is an alias', 'alias', `x: &e []\n${deployment(`${resources}env: *e\n`)}`, flag],
    [
      'one of the variables is an alias',
      'alias',
      `x: &e {name: A, value: b}\n${deployment(`${resources}env: [*e]\n`)}`,
      flag,
    ],
    [
      'a Helm template with control lines',
      'template',
      plain.replace('  template:', '  {{- if .Values.x }}\n  template:'),
    ],
    ['a Helm value, quoted', 'template', plain.replace('512Mi', '"{{ .Values.memory }}"')],
    ['a Helm value, not quoted', 'template', plain.replace('512Mi', '{{ .Values.memory }}')],
    [
      'a Helm value in a document that does parse',
      'template',
      plain.replace('limits:\n              memory: 512Mi', 'limits: {{ .limits }}'),
    ],
    ['a Helm name', 'template', plain.replace('name: checkout', 'name: {{ .Release.Name }}')],
    ['a variable of envsubst', 'template', plain.replace('512Mi', '${MEMORY}')],
    ['a variable of envsubst as the name', 'template', plain.replace('name: checkout', 'name: ${APP}')],
    ['a placeholder that is no quantity', 'template', plain.replace('512Mi', 'MEMORY_LIMIT')],
    ['a heap flag that is filled in', 'template', flagged('value: "-Xmx${HEAP}"'), flag],
    ['tabs', 'tabs', plain.replace(/ {14}memory: 512Mi/, '\t\t\tmemory: 512Mi')],
    ['no YAML at all', 'not-yaml', 'a: "b\n'],
    ['a mapping with a key twice', 'not-yaml', plain.replace('limits:', 'limits: {}\n            limits:')],
    ['a broken document beside it', 'not-yaml', `${plain}---\na: b: c\n`],
    ['an empty file', 'not-found', ''],
    ['only comments', 'not-found', '# nothing\n'],
    ['another name', 'not-found', deployment(resources, 'cart')],
    ['another kind', 'not-found', plain, { ...toMore, kind: 'StatefulSet' }],
    ['another namespace', 'not-found', deployment(resources, 'checkout', 'test')],
    ['the object twice', 'found-twice', `${plain}---\n${plain}`],
    ['the container twice', 'found-twice', plain + indented('- name: app\n', 8)],
    ['no such container', 'container-not-found', plain, { ...toMore, container: 'proxy' }],
    ['no containers at all', 'container-not-found', plain.replaceAll(/ {6}containers[^]*/g, '      nodeName: a\n')],
    ['a variable from a Secret', 'value-from', flagged('valueFrom: {secretKeyRef: {name: s, key: k}}'), flag],
    ['a variable twice', 'found-twice', `${flagged('value: a')}            - name: JAVA_TOOL_OPTIONS\n`, flag],
    ['another flag than the cluster has', 'no-such-word', flagged('value: -Xmx1g -Da=b'), lower],
    ['the flag twice', 'no-such-word', flagged('value: -Xmx384m -Xmx384m'), lower],
    ['the flag in quotes', 'no-such-word', flagged(`value: -Da=b "-Xmx384m"`), lower],
    ['the flag inside of other quotes', 'no-such-word', flagged(`value: -Da="b -Xmx384m c"`), lower],
    ['a quote that does not match', 'no-such-word', flagged(`value: -Da="b -Xmx384m`), lower],
    ['the flag in escapes', 'unexpected-shape', flagged(String.raw`value: "-Da=b -Xmx\u0033\u00384m"`), lower],
    ['a flag that would become a boolean', 'unsafe-edit', flagged('value: auto'), becomes('auto', 'on')],
    ['a variable that the cluster has from elsewhere', 'no-such-word', plain, lower],
    ['a variable that has other words in the cluster', 'no-such-word', plain, addedTo],
    ['resources are a word', 'unexpected-shape', deployment('resources: many\n')],
    ['resources are a list', 'unexpected-shape', deployment('resources: [1]\n')],
    ['a tag on the value', 'unexpected-shape', plain.replace('512Mi', '!!str 512Mi')],
    ['aliases that grow without end', 'unsafe-edit', `${bomb}---\n${plain}`],
    ['larger than anybody writes', 'too-large', plain + '#'.repeat(1024 * 1024)],
    [
      'nothing to change',
      'nothing-to-change',
      plain,
      { ...toMore, to: { limitBytes: 512 * Mi, requestBytes: 256 * Mi } },
    ],
    ['nothing wanted', 'nothing-to-change', plain, { ...toMore, to: { limitBytes: null, requestBytes: null } }],
  ];

  test.each(refused.map(([name, reason, text, edit = toMore]) => ({ name, reason, text, edit })))(
    'is refused: $name',
    ({ reason, text, edit }) => {
      const answer = editManifest(text, edit);

      expect(answer).toMatchObject({ ok: false, reason });
      expect(answer.text).toMatch(/^[A-Z].*\.$/s);
    },
  );
});
