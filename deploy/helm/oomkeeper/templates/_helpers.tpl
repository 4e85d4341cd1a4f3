{{/*
Names in the namespace are fixed, so that Helm itself refuses a second release there: its pods would answer to the same
labels. What belongs to the whole cluster carries the release's name, unless that is `oomkeeper`.
*/}}
{{- define "oomkeeper.clusterName" -}}
{{- if eq .Release.Name "oomkeeper" }}oomkeeper{{ else }}oomkeeper-{{ .Release.Name }}{{ end -}}
{{- end -}}

{{/*
Metadata of an object. Takes root and name, and where they are not the usual ones component, app, namespace (empty = it
has none), labels and annotations beside those of the values.
*/}}
{{- define "oomkeeper.metadata" -}}
{{- $namespace := .root.Release.Namespace -}}
{{- if hasKey . "namespace" }}{{ $namespace = .namespace }}{{ end -}}
name: {{ .name }}
{{- with $namespace }}
namespace: {{ . }}
{{- end }}
labels:
  app.kubernetes.io/name: {{ .app | default "oomkeeper" }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  app.kubernetes.io/instance: {{ .root.Release.Name }}
  app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service }}
  helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
  {{- with merge dict (.labels | default dict) .root.Values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge dict (.annotations | default dict) .root.Values.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A value as a variable has it. Printed otherwise, the number 1234567 of a file would be 1.234567e+06. */}}
{{- define "oomkeeper.text" -}}
{{- if kindIs "string" . }}{{ . }}{{ else }}{{ toJson . }}{{ end -}}
{{- end -}}

{{/* What selects the pods of a process, and its pods only. */}}
{{- define "oomkeeper.selector" -}}
app.kubernetes.io/name: oomkeeper
app.kubernetes.io/component: {{ . }}
{{- end -}}

{{- define "oomkeeper.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest }}{{ $image.repository }}@{{ $image.digest }}
{{- else }}{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* Requests and limit of a process, or of Redis. docs/sizing.md says where they come from. */}}
{{- define "oomkeeper.resources" -}}
{{- $sizes := dict
  "small" (dict "watcher" (list "50m" "192Mi") "worker" (list "100m" "640Mi") "bot" (list "50m" "384Mi") "redis" (list "100m" "768Mi"))
  "medium" (dict "watcher" (list "200m" "224Mi") "worker" (list "200m" "896Mi") "bot" (list "50m" "384Mi") "redis" (list "200m" "1536Mi"))
  "large" (dict "watcher" (list "500m" "256Mi") "worker" (list "500m" "1280Mi") "bot" (list "100m" "512Mi") "redis" (list "500m" "3Gi"))
-}}
{{- with get .root.Values.resources .process }}
{{- toYaml . }}
{{- else }}
{{- $size := get (get $sizes .root.Values.size) .process -}}
requests: { cpu: {{ first $size }}, memory: {{ last $size }} }
limits: { memory: {{ last $size }} }
{{- end }}
{{- end -}}

{{/* Where pods may run. */}}
{{- define "oomkeeper.scheduling" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "oomkeeper.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The secrets that values give to a process, without the URL of the chart's own Redis: YAML of names and values. */}}
{{- define "oomkeeper.secrets" -}}
{{- $values := .root.Values -}}
{{- $all := dict
  "watcher" (dict
    "REDIS_URL" $values.redis.external.watcherUrl
    "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.headers)
  "worker" (dict
    "REDIS_URL" $values.redis.external.workerUrl
    "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.headers
    "GITHUB_TOKEN" $values.github.token
    "GITHUB_PRIVATE_KEY" $values.github.privateKey)
  "bot" (dict
    "REDIS_URL" $values.redis.external.botUrl
    "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.headers
    "SLACK_BOT_TOKEN" $values.slack.botToken
    "SLACK_APP_TOKEN" $values.slack.appToken
    "SLACK_SIGNING_SECRET" $values.slack.signingSecret
    "GITHUB_WEBHOOK_SECRET" $values.github.webhookSecret
    "OOMKEEPER_ALERTMANAGER_TOKEN" $values.alertmanager.token
    "OOMKEEPER_ALERTMANAGER_SECRET" $values.alertmanager.secret
    "PAGERDUTY_ROUTING_KEY" $values.pagerDuty.routingKey)
-}}
{{- range $name, $value := get $all .process }}
{{- if $value }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The secrets that a process gets from Secrets that exist already: each by its name, so that it sees no other. */}}
{{- define "oomkeeper.existingSecrets" -}}
{{- $values := .root.Values -}}
{{- $all := dict
  "watcher" (dict "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.existingSecret)
  "worker" (dict
    "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.existingSecret
    "GITHUB_TOKEN" $values.github.existingSecret
    "GITHUB_PRIVATE_KEY" $values.github.existingSecret)
  "bot" (dict
    "OTEL_EXPORTER_OTLP_HEADERS" $values.traces.existingSecret
    "SLACK_BOT_TOKEN" $values.slack.existingSecret
    "SLACK_APP_TOKEN" $values.slack.existingSecret
    "SLACK_SIGNING_SECRET" $values.slack.existingSecret
    "GITHUB_WEBHOOK_SECRET" $values.github.existingSecret
    "OOMKEEPER_ALERTMANAGER_TOKEN" $values.alertmanager.existingSecret
    "OOMKEEPER_ALERTMANAGER_SECRET" $values.alertmanager.existingSecret
    "PAGERDUTY_ROUTING_KEY" $values.pagerDuty.existingSecret)
-}}
{{- range $name, $secret := get $all .process }}
{{- if $secret }}
- name: {{ $name }}
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: {{ $name }}, optional: true } }
{{- end }}
{{- end }}
{{- with $values.redis.existingSecret }}
- name: REDIS_URL
  valueFrom: { secretKeyRef: { name: {{ . }}, key: {{ $.process }} } }
{{- end }}
{{- end -}}
