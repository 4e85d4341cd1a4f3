import { expect, test } from 'vitest';
import { clusterName, inherited, tryKillCommand } from '../../../scripts/demo/own-cluster.ts';

test.each([
  ['prod', 'prod'],
  ['Kind_Dev.Local', 'kind-dev-local'],
  ['arn:aws:eks:eu-west-1:111122223333:cluster/shop', 'shop'],
  [`gke_project_europe-west1_${'a'.repeat(60)}`, 'a'.repeat(40)],
  ['///', 'cluster'],
])('a cluster is named after its context: %s', (context, name) => {
  expect(clusterName(context)).toBe(name);
  expect(name).toMatch(/^[a-z0-9-]{1,40}$/);
});

test.each([
  [{ context: null, namespaces: [] }, 'try-kill --kubeconfig k'],
  [{ context: null, namespaces: ['shop', 'carts'] }, 'try-kill --kubeconfig k --namespace shop'],
  [
    { context: 'staging', namespaces: ['shop'] },
    'try-kill --print --namespace shop | kubectl --kubeconfig k --context staging apply -f -',
  ],
])('what gives a kill to look at gives it where somebody watches: %j', (where, command) => {
  expect(tryKillCommand({ kubeconfig: 'k', ...where })).toBe(`npm run -s oomkeeper -- ${command}`);
});

test('what the shell has for a plug-in goes on, and what leads to the real installation does not', () => {
  const shell = {
    PATH: '/bin',
    AWS_PROFILE: 'dev',
    HTTPS_PROXY: 'http://proxy',
    SLACK_BOT_TOKEN: 'xoxb-real',
    PAGERDUTY_ROUTING_KEY: 'real',
    GITHUB_TOKEN: 'real',
    REDIS_URL: 'redis://real',
    OOMKEEPER_POLICY: '/etc/real.yaml',
    NODE_OPTIONS: '--inspect',
    GONE: undefined,
  };

  expect(inherited(shell)).toEqual({ PATH: '/bin', AWS_PROFILE: 'dev', HTTPS_PROXY: 'http://proxy' });
});
