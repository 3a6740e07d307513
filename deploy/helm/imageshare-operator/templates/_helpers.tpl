{{- define "imageshare.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "imageshare.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "imageshare.labels" -}}
{{ include "imageshare.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "imageshare.metadata" -}}
name: {{ include "imageshare.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "imageshare.labels" . | nindent 2 }}
{{- end -}}

{{- define "imageshare.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "imageshare.fullname" .) -}}
{{- end -}}

{{- define "imageshare.subjects" -}}
- kind: ServiceAccount
  name: {{ include "imageshare.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{- define "imageshare.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* The optional kinds that are on, by the names of their values; a JSON list. */ -}}
{{- define "imageshare.optionalKinds" -}}
{{- $kinds := list -}}
{{- range list "accessRequests" "imageNotifiers" "imageShareSets" "projectSets" -}}
{{- if (get $.Values .).enabled -}}
{{- $kinds = append $kinds . -}}
{{- end -}}
{{- end -}}
{{- toJson $kinds -}}
{{- end -}}

{{- /* The rules of one role, by its name in files/rules.yaml. Without finalizers on Secrets none is ever patched. */ -}}
{{- define "imageshare.rules" -}}
{{- $values := .root.Values -}}
{{- $rules := list -}}
{{- range get (.root.Files.Get "files/rules.yaml" | fromYaml) .name -}}
{{- if and (has "secrets" .resources) (not $values.secretFinalizers) -}}
{{- $rules = append $rules (set (deepCopy .) "verbs" (without .verbs "patch")) -}}
{{- else -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- toYaml $rules -}}
{{- end -}}

{{- /* Takes CEL rules out of a CRD: Kubernetes before 1.25 doesn't know them, and what checks objects there refuses them. */ -}}
{{- define "imageshare.withoutRules" -}}
{{- if kindIs "map" . -}}
{{- $_ := unset . "x-kubernetes-validations" -}}
{{- end -}}
{{- range . -}}
{{- if or (kindIs "map" .) (kindIs "slice" .) -}}
{{- include "imageshare.withoutRules" . -}}
{{- end -}}
{{- end -}}
{{- end -}}
