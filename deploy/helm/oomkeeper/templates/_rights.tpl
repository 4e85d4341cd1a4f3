{{/* Gives the account of a process a ClusterRole: in all namespaces, or in those that are watched. Takes root, process, and `suffix` of the role's name. */}}
{{- define "oomkeeper.binding" -}}
{{- $root := .root -}}
{{- $role := printf "%s-%s%s" (include "oomkeeper.clusterName" $root) .process (.suffix | default "") -}}
{{- $namespaces := ternary (list "") $root.Values.namespaces (or (ne .suffix nil) (empty $root.Values.namespaces)) -}}
{{- range $namespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ ternary "RoleBinding" "ClusterRoleBinding" (ne . "") }}
metadata:
  {{- include "oomkeeper.metadata" (dict "root" $root "name" $role "namespace" . "component" $.process) | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $role }}
subjects:
  - kind: ServiceAccount
    name: oomkeeper-{{ $.process }}
    namespace: {{ $root.Release.Namespace }}
{{- end }}
{{- end -}}
