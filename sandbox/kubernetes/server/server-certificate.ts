import { generate } from 'selfsigned';

/** PEM texts of a self-signed certificate for 127.0.0.1 and localhost. */
export async function createServerCertificate(): Promise<{ readonly key: string; readonly certificate: string }> {
  const pems = await generate([{ name: 'commonName', value: 'sandbox-kubernetes' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
  });
  return { key: pems.private, certificate: pems.cert };
}

/** A kubeconfig (YAML text) with one context: this server, this certificate, this bearer token. */
export function kubeconfigText(url: string, certificate: string, token: string): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: sandbox
    cluster:
      server: ${url}
      certificate-authority-data: ${Buffer.from(certificate).toString('base64')}
users:
  - name: sandbox
    user:
      token: ${token}
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: sandbox
current-context: sandbox
`;
}
