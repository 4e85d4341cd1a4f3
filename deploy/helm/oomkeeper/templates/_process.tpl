{{/*
The pod of a process: of its Deployment, and of the test that runs `doctor` in its place. Takes root, process, name and
args of the container, resources, and whether it is to be probed.
*/}}
{{- define "oomkeeper.pod" -}}
{{- $root := .root -}}
{{- $env := include "oomkeeper.existingSecrets" . -}}
{{- $readsPolicy := or (ne .process "watcher") (not .probed) -}}
serviceAccountName: oomkeeper-{{ .process }}
# The bot has no right in the cluster.
automountServiceAccountToken: {{ ne .process "bot" }}
# Kubernetes would set OOMKEEPER_REDIS_PORT and the like for Services of this namespace, and unknown variables that
# begin with OOMKEEPER_ are refused.
enableServiceLinks: false
terminationGracePeriodSeconds: 30
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
containers:
  - name: {{ .name }}
    image: {{ include "oomkeeper.image" $root | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: {{ toJson .args }}
    envFrom:
      - configMapRef: { name: oomkeeper }
      - secretRef: { name: oomkeeper-{{ .process }} }
    {{- if or $env $root.Values.redis.external.ca }}
    env:
      {{- with $env }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- if $root.Values.redis.external.ca }}
      - name: NODE_EXTRA_CA_CERTS
        value: /etc/oomkeeper-redis/ca.crt
      {{- end }}
    {{- end }}
    {{- if .probed }}
    ports:
      - { name: ops, containerPort: 9464 }
      {{- if and (eq .process "bot") $root.Values.http.enabled }}
      - { name: http, containerPort: 3000 }
      {{- end }}
    # It answers only after it has found Redis, which may take a while at the start of a cluster.
    startupProbe:
      httpGet: { path: /healthz, port: ops }
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 60
    livenessProbe:
      httpGet: { path: /healthz, port: ops }
      periodSeconds: 15
      timeoutSeconds: 3
    readinessProbe:
      httpGet: { path: /readyz, port: ops }
      periodSeconds: 10
      timeoutSeconds: 3
    {{- end }}
    resources:
      {{- .resources | nindent 6 }}
    securityContext:
      {{- include "oomkeeper.containerSecurity" . | nindent 6 }}
    {{- if or $readsPolicy $root.Values.redis.external.ca }}
    volumeMounts:
      {{- if $readsPolicy }}
      - { name: policy, mountPath: /etc/oomkeeper, readOnly: true }
      {{- end }}
      {{- if $root.Values.redis.external.ca }}
      - { name: redis, mountPath: /etc/oomkeeper-redis, readOnly: true }
      {{- end }}
    {{- end }}
{{- if or $readsPolicy $root.Values.redis.external.ca }}
volumes:
  {{- if $readsPolicy }}
  - name: policy
    configMap: { name: {{ $root.Values.policyConfigMap | default "oomkeeper-policy" }}, optional: true }
  {{- end }}
  {{- if $root.Values.redis.external.ca }}
  - name: redis
    configMap: { name: oomkeeper-redis-ca }
  {{- end }}
{{- end }}
{{- include "oomkeeper.scheduling" $root }}
{{- end -}}

{{/* The Deployment of a process. Takes root and process. */}}
{{- define "oomkeeper.deployment" -}}
{{- $selector := include "oomkeeper.selector" .process -}}
{{- $resources := include "oomkeeper.resources" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "oomkeeper.metadata" (dict "root" .root "name" (print "oomkeeper-" .process) "component" .process) | nindent 2 }}
spec:
  replicas: {{ get .root.Values.replicas .process }}
  selector:
    matchLabels:
      {{- $selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- merge (fromYaml $selector) .root.Values.podLabels | toYaml | nindent 8 }}
      annotations:
        {{- merge dict .root.Values.podAnnotations (dict "prometheus.io/scrape" "true" "prometheus.io/port" "9464") | toYaml | nindent 8 }}
        # Configuration is read at the start only, so that pods have to start anew when it changes.
        checksum/configuration: {{ printf "%s %s" (include (print .root.Template.BasePath "/configuration.yaml") .root) (include "oomkeeper.secrets" .) | sha256sum }}
    spec:
      {{- include "oomkeeper.pod" (merge (dict "name" .process "args" (list .process) "probed" true "resources" $resources) .) | nindent 6 }}
      {{- if eq .process "bot" }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
      {{- end }}
{{- end -}}
