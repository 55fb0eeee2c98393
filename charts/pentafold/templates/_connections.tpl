{{/* Where the store and the bus are, given or brought along. */}}
{{- define "pentafold.storeName" -}}
{{ include "pentafold.name" . }}-store
{{- end -}}

{{- define "pentafold.busName" -}}
{{ include "pentafold.name" . }}-bus
{{- end -}}

{{- define "pentafold.objects" -}}
{{- if .Values.tryOut.enabled -}}
s3://{{ .Values.tryOut.store.bucket }}
{{- else -}}
{{ .Values.objects.uri }}
{{- end -}}
{{- end -}}

{{- define "pentafold.endpoint" -}}
{{- if .Values.tryOut.enabled -}}
http://{{ include "pentafold.storeName" . }}.{{ .Release.Namespace }}.svc:7070
{{- else -}}
{{ .Values.s3.endpoint }}
{{- end -}}
{{- end -}}

{{- define "pentafold.bus" -}}
{{- if .Values.tryOut.enabled -}}
nats://{{ include "pentafold.busName" . }}.{{ .Release.Namespace }}.svc:4222
{{- else -}}
{{ .Values.bus.uri }}
{{- end -}}
{{- end -}}

{{/* Name of the Secret with the store's keys. */}}
{{- define "pentafold.storeSecret" -}}
{{ .Values.s3.existingSecret | default (include "pentafold.storeName" .) }}
{{- end -}}

{{/* As JSON: Secret to folder, of all that is mounted into controller and workers alike. */}}
{{- define "pentafold.secretFolders" -}}
{{- $folders := deepCopy .Values.secretFolders -}}
{{- with .Values.bus.existingSecret -}}
{{- $_ := set $folders . "/var/run/secrets/pentafold-bus" -}}
{{- end -}}
{{- toJson $folders -}}
{{- end -}}

{{/* As JSON: the ports of the comma-separated addresses in .uris; .otherwise where one says none. */}}
{{- define "pentafold.ports" -}}
{{- $ports := list -}}
{{- range splitList "," .uris -}}
{{- $uri := urlParse (trim .) -}}
{{- $port := regexFind ":[0-9]+$" $uri.host | trimPrefix ":" -}}
{{- $ports = append $ports (int ($port | default (get $.otherwise $uri.scheme))) -}}
{{- end -}}
{{- toJson (uniq $ports) -}}
{{- end -}}
