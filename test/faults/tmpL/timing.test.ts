import { setTimeout as delay } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { test } from 'vitest';
import { startSystem } from '../../system.ts';
import { fiftyIncidents, expectExactlyTheTruth } from '../fifty-incidents.ts';
test('timing', async () => {
  const t0 = performance.now(); const t = (w: string) => process.stdout.write(`${w} ${Math.round(performance.now() - t0)} self cpu ${Math.round((process.cpuUsage().user+process.cpuUsage().system) / 1000)} ${names()}\n`);
  const cpu = (pid: number) => { try { const st=readFileSync(`/proc/${pid}/stat`,'utf8').split(') ')[1]!.split(' '); return (Number(st[11])+Number(st[12]))*10; } catch { return -1; } };
  let system: any;
  const names = () => system ? ['watcher','worker','bot'].map((n) => `${n} ${cpu(system.process(n).pid)}`).join(' ') : '';
  t('begin');
  system = await startSystem(process.env['X'] ? { settings: JSON.parse(process.env['X']) } : {}); t('started');
  const name = (process.env['P'] ?? 'watcher') as 'watcher';
  try {
  await fiftyIncidents(system, 11, async (random) => { await delay(random() * 300); if (process.env['P'] !== 'none') await system.crash(name); });
  t('all kills');
  await expectExactlyTheTruth(system); t('truth');
  process.stdout.write(`slack ${system.world.slack.requestLog().length} api ${system.world.api.requestLog().length}\n`);
  } finally { await system.stop(); t('stopped'); }
});
