{{/* The controller's variables, as a list. Whose value is empty is left out: the program knows its own default. */}}
{{- define "pentafold.controllerEnvironment" -}}
- name: NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: POD_IP
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
{{- $variables := mergeOverwrite (include "pentafold.controllerVariables" . | fromYaml) .Values.controller.environment }}
{{- range $name, $value := $variables }}
{{- if $value }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "pentafold.controllerVariables" -}}
{{- $image := include "pentafold.image" . -}}
LISTEN_ADDRESS: 0.0.0.0:8443
HEALTH_ADDRESS: 0.0.0.0:8080
ADVERTISED_ADDRESS: {{ .Values.controller.advertisedAddress | default (printf "%s.%s.svc:8443" (include "pentafold.controllerName" .) .Release.Namespace) | quote }}
OBJECTS: {{ include "pentafold.objects" . | quote }}
S3_ENDPOINT: {{ include "pentafold.endpoint" . | quote }}
S3_REGION: {{ .Values.s3.region | quote }}
S3_STS_ENDPOINT: {{ .Values.s3.stsEndpoint | quote }}
S3_STS_ROLE_ARN: {{ .Values.s3.stsRoleArn | quote }}
BUS: {{ include "pentafold.bus" . | quote }}
{{- range $variable, $key := .Values.bus.files }}
{{ $variable }}: {{ printf "/var/run/secrets/pentafold-bus/%s" $key | quote }}
{{- end }}
WORKER_IMAGE: {{ .Values.worker.image | default $image | quote }}
ENSEMBLE_IMAGE: {{ $image | quote }}
IMAGE_PULL_POLICY: {{ .Values.image.pullPolicy }}
WORKER_SERVICE_ACCOUNT: {{ include "pentafold.workerName" . }}
{{- $workerSecrets := .Values.environmentSecrets }}
{{- if not .Values.s3.stsEndpoint }}
{{- $workerSecrets = prepend $workerSecrets (include "pentafold.storeSecret" .) }}
{{- end }}
WORKER_ENVIRONMENT_SECRETS: {{ join "," $workerSecrets | quote }}
{{- $folders := list }}
{{- range $secret, $folder := include "pentafold.secretFolders" . | fromJson }}
{{- $folders = append $folders (printf "%s=%s" $secret $folder) }}
{{- end }}
WORKER_SECRET_FOLDERS: {{ join "," $folders | quote }}
{{- $accelerators := list }}
{{- range .Values.worker.accelerators }}
{{- $accelerators = append $accelerators (printf "%s=%s" .resource .memory) }}
{{- end }}
ACCELERATORS: {{ join "," $accelerators | quote }}
DEVICE: {{ .Values.worker.device | default "" | quote }}
GRACE_SECONDS: {{ .Values.worker.graceSeconds | default "" | quote }}
KEPT_SECONDS: {{ .Values.worker.keptSeconds | default "" | quote }}
CACHE_GIB: {{ .Values.worker.cacheGiB | default "" | quote }}
{{- if .Values.tls.existingSecret }}
TLS_CERTIFICATE_FILE: /var/run/secrets/pentafold-tls/tls.crt
TLS_KEY_FILE: /var/run/secrets/pentafold-tls/tls.key
WORKER_CA_SECRET: {{ .Values.tls.authoritySecret | quote }}
{{- end }}
{{- end -}}
