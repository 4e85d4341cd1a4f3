import { hardOf } from './admit-pod.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { usedAmounts } from './pod-amounts.ts';
import { formatQuantity } from './quantity.ts';

/** Keeps `status.used` of the quotas of a namespace up to date with its pods. Returns the stop function. */
export function followQuotas(store: ObjectStore): () => void {
  return store.subscribe(({ resource, object, type }) => {
    if (resource !== 'pods' && resource !== 'resourcequotas') return;
    if (resource === 'resourcequotas' && type === 'DELETED') return;
    const { namespace } = object.metadata;
    const quotas = store.list('resourcequotas', namespace);
    if (quotas.length === 0) return;
    const used = usedAmounts(store.list('pods', namespace));
    for (const quota of quotas) {
      const zero = { nano: 0n, format: 'decimal' } as const;
      const amounts = hardOf(quota).map(([name]) => [name, formatQuantity(used.get(name) ?? zero)]);
      store.write('resourcequotas', namespace, quota.metadata.name, (draft) => {
        draft.status = { hard: draft.spec?.['hard'], used: Object.fromEntries(amounts) };
      });
    }
  });
}
