{{/* Names and labels. */}}
{{- define "pentafold.name" -}}
{{- if contains "pentafold" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pentafold" (.Release.Name | trunc 30 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "pentafold.controllerName" -}}
{{ include "pentafold.name" . }}-controller
{{- end -}}

{{- define "pentafold.workerName" -}}
{{ include "pentafold.name" . }}-worker
{{- end -}}

{{/* pentafold.labels (dict "root" $ "component" "controller"): of an object. */}}
{{- define "pentafold.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{ include "pentafold.selector" . }}
{{- end -}}

{{/* Those that a selector may rely on: they never change. */}}
{{- define "pentafold.selector" -}}
app.kubernetes.io/name: pentafold
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "pentafold.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What every container of ours is held to: the restricted pod security standard, and nothing to write to. */}}
{{- define "pentafold.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "pentafold.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}
