import { record, records, text, texts } from '../../kill/json-read.ts';
import type { JsonRecord } from '../../kill/json-read.ts';
import { canonicalJson } from '../fields-hash.ts';
import { when } from './privilege-fact.ts';
import type { PrivilegeFact as Fact } from './privilege-fact.ts';

/** Ports of the node. */
export function hostPortFacts(container: JsonRecord): Fact[] {
  return records(container['ports']).map((port): Fact => {
    if (typeof port['hostPort'] !== 'number' || port['hostPort'] === 0) return null;
    const at = `${port['hostPort']}/${text(port['protocol']) ?? 'TCP'}`;
    return [`host-port:${at}`, `it would take the port ${at} of the node`];
  });
}

/** Volumes that reach nothing outside of the pod but data that is not secret, or storage of its own. */
const harmlessVolumes = ['name', 'emptyDir', 'configMap', 'downwardAPI', 'persistentVolumeClaim', 'ephemeral', 'image'];
const harmlessSources = ['configMap', 'downwardAPI', 'clusterTrustBundle'];

/** What a volume reaches beyond that, one text each. */
function sourcesOf(volume: JsonRecord): readonly string[] {
  return Object.entries(volume)
    .filter(([kind, value]) => !harmlessVolumes.includes(kind) && value !== null)
    .flatMap(([kind, value]) => {
      if (kind === 'hostPath') return [`hostPath ${texts(value)['path'] ?? ''}`];
      if (kind === 'secret') return [`Secret ${texts(value)['secretName'] ?? ''}`];
      if (kind !== 'projected') return [`${kind} ${canonicalJson(value)}`];
      return records(record(value)['sources']).flatMap((source) =>
        Object.entries(source)
          .filter(([one, inner]) => !harmlessSources.includes(one) && inner !== null)
          .map(([one, inner]) =>
            one === 'secret' ? `Secret ${texts(inner)['name'] ?? ''}` : `${one} ${canonicalJson(inner)}`,
          ),
      );
    });
}

/** Writing a host path is more than reading it. */
export function mountFacts(container: JsonRecord, podSpec: JsonRecord): Fact[] {
  const volumes = new Map(records(podSpec['volumes']).map((volume) => [text(volume['name']), volume]));
  return records(container['volumeMounts']).flatMap((mount): Fact[] => {
    const sources = sourcesOf(volumes.get(text(mount['name'])) ?? {});
    const whole = text(mount['subPath']) === null && text(mount['subPathExpr']) === null;
    const part = whole ? '*' : `${String(mount['subPath'])} ${String(mount['subPathExpr'])}`;
    const propagation = text(mount['mountPropagation']) ?? 'None';
    return [
      ...sources.flatMap((source): Fact[] =>
        source.startsWith('Secret ')
          ? [[source, `it would read the ${source}`]]
          : [
              [`source:${source}:${part}`, `it would reach ${source}`],
              when(mount['readOnly'] !== true, `write:${source}`, `it could write to ${source}`),
            ],
      ),
      when(propagation !== 'None', `propagation:${propagation}`, `its mounts would be propagated (${propagation})`),
    ];
  });
}

/** Secrets that reach a container by its environment. */
export function secretFacts(container: JsonRecord): Fact[] {
  const names = [
    ...records(container['env']).map((one) => texts(record(one['valueFrom'])['secretKeyRef'])['name']),
    ...records(container['envFrom']).map((one) => texts(one['secretRef'])['name']),
  ];
  return names.map((name): Fact =>
    name === undefined ? null : [`Secret ${name}`, `it would read the Secret ${name}`],
  );
}
