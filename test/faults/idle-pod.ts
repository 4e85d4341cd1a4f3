/** Nothing happens to it: no node is called so, and nobody looks for another. */
export function idlePod(name: string) {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'idle' },
    spec: {
      nodeName: 'nowhere',
      containers: [{ name: 'app', image: 'registry.example/idle:1' }],
    },
  };
}
