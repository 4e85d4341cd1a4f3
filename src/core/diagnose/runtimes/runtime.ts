import type { SpecFacts } from '../../evidence/evidence.ts';
import { createWordReader } from './words.ts';

export type Runtime = 'jvm' | 'node' | 'go' | 'python' | 'dotnet';

/** What tells a runtime, surest first: the program that is started, a variable that only it reads, the image's name. */
interface Signs {
  readonly runtime: Runtime;
  readonly program: RegExp;
  readonly variable: RegExp;
  readonly image: RegExp;
}

const SIGNS: readonly Signs[] = [
  {
    runtime: 'jvm',
    program: /^java$/,
    variable: /^(JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|JAVA_HOME|CATALINA_OPTS)$/,
    image:
      /(^|[^a-z])(java|jdk|jre|(adopt)?openjdk|temurin|corretto|zulu|semeru|openj9|tomcat|jetty|wildfly)([^a-z]|$)/,
  },
  {
    runtime: 'node',
    program: /^(node|nodejs|npm|npx|yarn|pnpm)$/,
    variable: /^(NODE_OPTIONS|NODE_ENV)$/,
    // NOTE: not `node-exporter` and its like.
    image: /(^|\/)node([:@]|$)|(^|[^a-z])nodejs([^a-z]|$)/,
  },
  {
    runtime: 'python',
    program: /^(python[0-9.]*|gunicorn|uvicorn|celery|flask)$/,
    variable: /^PYTHON[A-Z]+$/,
    image: /(^|[^a-z])(python|pypy)([^a-z]|$)/,
  },
  {
    runtime: 'dotnet',
    program: /^dotnet$/,
    variable: /^(DOTNET|ASPNETCORE)_[A-Z_]+$/i,
    image: /(^|[^a-z])(dotnet|aspnet)([^a-z]|$)/,
  },
  {
    runtime: 'go',
    program: /^go$/,
    variable: /^(GOMEMLIMIT|GOGC|GOMAXPROCS|GODEBUG)$/,
    image: /(^|[^a-z])golang([^a-z]|$)/,
  },
];

/** Labels that people set to say what a program is written in, and what they write. */
const labelNames = /(^|[./])(runtime|language)$/;
const LABEL_WORDS = new Map<string, Runtime>(
  Object.entries({
    java: 'jvm',
    jvm: 'jvm',
    kotlin: 'jvm',
    scala: 'jvm',
    node: 'node',
    nodejs: 'node',
    javascript: 'node',
    typescript: 'node',
    go: 'go',
    golang: 'go',
    python: 'python',
    dotnet: 'dotnet',
    csharp: 'dotnet',
  }),
);

/**
 * Which language runtime a container runs, by its command, environment, labels and image (capability E4); null where
 * nothing tells. A guess by names: only what a runtime's own flags say is relied on further.
 */
export function runtimeOf(
  { args, env, hiddenEnv, image }: Pick<SpecFacts, 'args' | 'env' | 'hiddenEnv' | 'image'>,
  labels: Readonly<Record<string, string>> = {},
): Runtime | null {
  const programs = createWordReader({ args, env })
    .ofTexts(args)
    .map(({ text }) => text.split('/').at(-1) ?? '');
  const variables = [...Object.keys(env), ...hiddenEnv];
  const labelled = Object.entries(labels).flatMap(([name, value]) =>
    labelNames.test(name) ? (LABEL_WORDS.get(value.toLowerCase()) ?? []) : [],
  );
  const named = image?.toLowerCase() ?? '';
  return (
    SIGNS.find(({ program }) => programs.some((word) => program.test(word)))?.runtime ??
    SIGNS.find(({ variable }) => variables.some((name) => variable.test(name)))?.runtime ??
    labelled[0] ??
    SIGNS.find((signs) => signs.image.test(named))?.runtime ??
    null
  );
}
