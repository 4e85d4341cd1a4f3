import { groups, groupTitles } from '../../../../src/app/config/about-variable.ts';
import type { About } from '../../../../src/app/config/about-variable.ts';
import { chartValueOf, redisValues } from '../../../../src/app/config/chart-values.ts';
import { aboutVariables } from '../../../../src/app/config/variables.ts';
import { policyKeys } from './policy-keys.ts';

/** The content of `.env.example`. */
export function environmentExample(): string {
  const sections = groups.map((wanted, at) => {
    const variables = aboutVariables().filter(([, { group }]) => group === wanted);
    const lines = variables.map(
      ([name, { meaning, fallback, example }]) =>
        `# ${meaning}\n${fallback === undefined ? '# ' : ''}${name}=${fallback ?? example}\n`,
    );
    return `## ${at + 1}. ${groupTitles[wanted]}.\n\n${lines.join('\n')}`;
  });
  return `## Oomkeeper is configured by environment variables only; docs/configuration.md is the reference.
## Durations: 30s, 15m, 24h. An empty variable is the same as one that is not set.

${sections.join('\n')}`;
}

/** The content of `docs/configuration.md`, before it is formatted. */
export function configurationReference(): string {
  const variables = groups.map((wanted) => {
    const rows = aboutVariables().filter(([, { group }]) => group === wanted);
    return `### ${groupTitles[wanted]}

${table(
  ['Variable', 'Meaning', 'Read by', 'Default', 'Example', 'Value of the chart'],
  rows.map(([name, about]) => [
    `\`${name}\`${about.secret ? ' (secret)' : ''}`,
    about.meaning,
    about.readBy.length === 3 ? 'all' : about.readBy.join(', '),
    fallbackOf(about),
    `\`${about.example}\``,
    chartWords(name, about),
  ]),
)}`;
  });
  const keys = table(
    ['Key', 'What it is', 'If left out'],
    policyKeys().map(({ key, type, fallback }) => [`\`${key}\``, type, fallback]),
  );
  return `# Configuration

<!-- Written from src/app/config by \`npm test -- reference -u\`; change it there. -->

Every environment variable and every key of the policy file, written from the code that reads them. There are no other
settings: no flags, no configuration file but the policy. An empty variable is the same as one that is not set, and one
that begins with \`OOMKEEPER_\` and is not listed here is refused. \`oomkeeper doctor\` says what is wrong with the
values that are set. Durations are written \`30s\`, \`15m\`, \`24h\`.

A new installation needs five values: the cluster's name, the Slack channel, two Slack tokens and a Redis. Everything
else has a default that works. Secrets are redacted in logs and messages. The last column is the value that sets the
variable in the Helm chart (deploy/helm/oomkeeper).

## Environment variables

${variables.join('\n\n')}

## The policy file

\`OOMKEEPER_POLICY\` names it. [The policy file](policy.md) explains each part with examples; this is the list of its keys.
\`[]\` stands for each entry of a list, \`*\` for each key of a map.

${keys}
`;
}

function chartWords(name: string, about: About): string {
  if (name === 'REDIS_URL') return redisValues.map((path) => `\`${path}\``).join(', ');
  const chart = chartValueOf(name, about);
  return chart === null ? 'none' : `\`${chart.path}\``;
}

function fallbackOf({ fallback, required = [], unless }: About): string {
  if (fallback !== undefined) return fallback === '' ? 'empty' : `\`${fallback}\``;
  if (required.length === 0) return 'none';
  return `needed by ${required.join(' and ')}${unless === undefined ? '' : `, or \`${unless}\``}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
