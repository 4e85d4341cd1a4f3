import { stringify } from 'yaml';

import type { Scenario } from './scenario.ts';

export interface PolicyWorkspace {
  readonly people: readonly WorkspacePerson[];
  readonly groups: readonly {
    readonly id: string;
    readonly handle: string;
    readonly members?: readonly string[] | undefined;
  }[];
}

/** What the story's rules say: who (ids of people and groups) may approve in which namespaces. */
interface PolicyRule {
  readonly who: readonly string[];
  readonly namespaces: readonly string[];
}

/** Which namespaces have a channel of their own, by its name. */
export type ChannelRoutes = Readonly<Record<string, readonly string[]>>;

/**
 * One policy file (YAML) for all stories: they play in one system, so each one's rules are for its namespace only.
 * Everywhere else who may approve may do everything. `speedOf` a story, virtual ms per real ms, because the product
 * knows no time but its own. Give the stories as they will be played (`arrange`).
 */
export function policyFile(
  scenarios: readonly Scenario[],
  workspace: PolicyWorkspace,
  speedOf: (scenario: Scenario) => number,
  channels: ChannelRoutes = {},
): string {
  const routes = Object.entries(channels).map(([channel, namespaces]) => ({ namespaces, channel }));
  return stringify({
    approvals: rulesOf(scenarios, workspace, speedOf),
    ...(routes.length === 0 ? {} : { routes }),
    ...testsOf(scenarios),
    ...alarmsOf(scenarios),
    ...reachOf(scenarios, workspace, speedOf),
  });
}

/** `/oom test` is for where the approver may do everything. */
function testsOf(scenarios: readonly Scenario[]): object {
  const namespaces = openNamespaces(scenarios);
  return namespaces.length === 0 ? {} : { tests: [{ namespaces }] };
}

/** Those of stories without rules of their own, each once. */
function openNamespaces(scenarios: readonly Scenario[]): readonly string[] {
  const open = scenarios.filter(({ policy }) => policy?.approvals === undefined);
  return [...new Set(open.map(({ workload }) => workload.namespace))];
}

/** A story that says what PagerDuty is told is about that, and not about how bad it is. */
function alarmsOf(scenarios: readonly Scenario[]): object {
  const namespaces = scenarios.flatMap(({ expect, workload }) => (expect.alarms ? [workload.namespace] : []));
  return namespaces.length === 0 ? {} : { alarms: [{ namespaces: [...new Set(namespaces)], from: 'low' }] };
}

/** What people are called beside their names: where the rules of these stories let them approve. By id. */
export function rightsOf(scenarios: readonly Scenario[], workspace: PolicyWorkspace): ReadonlyMap<string, string> {
  const rules = rulesOf(scenarios, workspace, () => 1);
  const ofStories = new Set(
    scenarios.flatMap(({ policy, workload }) => (policy?.approvals ? [workload.namespace] : [])),
  );
  return new Map(
    workspace.people.map(({ id }) => {
      const own = rules.filter(
        ({ who }) => who.includes(id) || who.some((one) => membersOf(one, workspace).includes(id)),
      );
      const namespaces = [...new Set(own.flatMap((rule) => rule.namespaces))];
      const isEverywhere = namespaces.some((namespace) => !ofStories.has(namespace));
      const where = isEverywhere ? '' : ` in ${namespaces.join(', ')}`;
      return [id, namespaces.length === 0 ? 'may not approve' : `may approve${where}`];
    }),
  );
}

function membersOf(group: string, { groups }: PolicyWorkspace): readonly string[] {
  return groups.find(({ id }) => id === group)?.members ?? [];
}

function rulesOf(
  scenarios: readonly Scenario[],
  workspace: PolicyWorkspace,
  speedOf: (scenario: Scenario) => number,
): readonly PolicyRule[] {
  const open = openNamespaces(scenarios);
  const usual = open.length === 0 ? [] : [{ who: idsOf(['approver'], workspace), namespaces: open }];
  const own = scenarios.flatMap((scenario) =>
    (scenario.policy?.approvals ?? []).map(({ who, expires, ...rule }) => ({
      who: idsOf(who, workspace),
      namespaces: [scenario.workload.namespace],
      ...rule,
      ...(expires === undefined ? {} : { expires: `${Math.round(expires / speedOf(scenario))}ms` }),
    })),
  );
  return [...usual, ...own];
}

/** Whom incidents reach: names mean the same in all stories, the levels of each are for its namespace. */
function reachOf(
  scenarios: readonly Scenario[],
  workspace: PolicyWorkspace,
  speedOf: (scenario: Scenario) => number,
): object {
  const names = scenarios.flatMap(({ policy }) =>
    Object.entries(policy?.owners ?? {}).map(([name, who]) => [name, idsOf([who], workspace)[0]] as const),
  );
  const notify = scenarios.flatMap((scenario) => {
    const { policy, workload } = scenario;
    if (policy?.levels === undefined) return [];
    const levels = policy.levels.map(({ who, after, ...level }) => ({
      ...level,
      who: who.flatMap((one) => (one === 'owner' ? one : idsOf([one], workspace))),
      ...(after === undefined ? {} : { after: `${Math.round(after / speedOf(scenario))}ms` }),
    }));
    return [{ namespaces: [workload.namespace], levels }];
  });
  return {
    ...(names.length === 0 ? {} : { owners: { names: Object.fromEntries(names) } }),
    ...(notify.length === 0 ? {} : { notify }),
  };
}

export function idsOf(called: readonly string[], { people, groups }: PolicyWorkspace): string[] {
  return called.map((each) => {
    if (/^[UWS][A-Z0-9]{2,}$/.test(each)) return each;
    const group = groups.find(({ handle }) => handle === each);
    return group?.id ?? personCalled(people, each) ?? each;
  });
}

/**
 * The stories as they can be played together: two about the same workload would share an incident, and a story with
 * a policy shares its namespace with nobody.
 */
export function arrange(scenarios: readonly Scenario[]): readonly Scenario[] {
  return scenarios.map((scenario, index) => {
    const { namespace } = scenario.workload;
    const hasTwin = scenarios.slice(0, index).some(({ workload }) => keyOf(workload) === keyOf(scenario.workload));
    const hasNeighbour = scenarios.some((other) => other !== scenario && other.workload.namespace === namespace);
    if (!hasTwin && (scenario.policy === undefined || !hasNeighbour)) return scenario;
    return { ...scenario, workload: { ...scenario.workload, namespace: `${namespace}-${index + 1}` } };
  });
}

function keyOf({ namespace, kind, name }: Scenario['workload']): string {
  return `${namespace}/${kind}/${name}`;
}

/** Somebody of the pretend workspace. */
interface WorkspacePerson {
  readonly id: string;
  readonly name: string;
  readonly mayApprove?: boolean | undefined;
}

const second = /^(?:second|other|another)[-_ ]?approver\b|^approver[-_ ]?(?:2|b|two)\b/;

/**
 * The id of whom a story calls so: by id or name; `approver` is the first who may approve, `second-approver` the last
 * who may not by herself, anybody else the first who may not. Undefined where there is nobody like that.
 */
export function personCalled(people: readonly WorkspacePerson[], called: string): string | undefined {
  const named = people.find(({ id, name }) => id === called || name === called);
  if (named !== undefined) return named.id;
  const [may, mayNot] = [true, false].map((right) => people.filter((each) => (each.mayApprove === true) === right));
  if (second.test(called)) return (may?.[1] ?? mayNot?.at(-1))?.id;
  return (/^approver\b/.test(called) ? may : mayNot)?.[0]?.id;
}
