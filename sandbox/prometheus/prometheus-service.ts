import type { NewObject } from '../kubernetes/objects/object-store.ts';

/** The Service in front of a Prometheus, labelled and named as its chart does it. `url` is `http://HOST:PORT`. */
export function prometheusService(url: string): NewObject {
  const { hostname, port } = new URL(url);
  const labels = {
    'app.kubernetes.io/component': 'server',
    'app.kubernetes.io/instance': 'prometheus',
    'app.kubernetes.io/name': 'prometheus',
  };
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 'prometheus-server', namespace: 'monitoring', labels },
    spec: {
      ports: [{ name: 'http', protocol: 'TCP', port: Number(port), targetPort: 9090 }],
      selector: labels,
      clusterIP: hostname,
      clusterIPs: [hostname],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
  };
}
