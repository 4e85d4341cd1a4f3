import { expect, test } from 'vitest';
import { chartValueOf } from '../../../src/app/config/chart-values.ts';
import { aboutVariables } from '../../../src/app/config/variables.ts';
import { bySetting } from '../../../src/app/doctor/mend.ts';

const upgrade = 'helm upgrade oomkeeper CHART -n oomkeeper --reset-then-reuse-values';

test.each([
  ['OOMKEEPER_CLUSTER', 'prod', "--set-string 'cluster=prod'"],
  ['OOMKEEPER_APPROVERS', 'U1,U2', "--set 'approvers={U1,U2}'"],
  ['OOMKEEPER_KUBELET_METRICS', 'on', '--set kubeletMetrics=true'],
  ['OOMKEEPER_ALERTMANAGER_URL', 'http://a,http://b', String.raw`--set-string 'alertmanager.url=http://a\,http://b'`],
  ['OOMKEEPER_LOOK_BACK', '2h', "--set-string 'settings.OOMKEEPER_LOOK_BACK=2h'"],
  ['GITHUB_PRIVATE_KEY', '-----BEGIN', '--set-file github.privateKey=key.pem'],
])('Helm is given %s=%s as %s', (name, value, flag) => {
  expect(bySetting('', { [name]: value }).helm).toBe(`${upgrade} ${flag}`);
});

test('Kustomize gets variables as literals, and secrets in the file of the process that reads them', () => {
  const { kustomize } = bySetting('', { OOMKEEPER_CHANNEL: 'oom', SLACK_BOT_TOKEN: 'xoxb-1', GITHUB_TOKEN: 'ghp' });

  expect(kustomize).toBe(
    'set in literals: OOMKEEPER_CHANNEL=oom; set in bot.env: SLACK_BOT_TOKEN=xoxb-1; set in worker.env: GITHUB_TOKEN=ghp; kubectl apply -k .',
  );
});

test('no secret would be written into a ConfigMap of the chart', () => {
  const secrets = aboutVariables().filter(([, { secret }]) => secret);

  expect(secrets.length).toBeGreaterThan(5);
  expect(secrets.filter(([name]) => chartValueOf(name, { secret: true })?.path.startsWith('settings.'))).toEqual([]);
});
