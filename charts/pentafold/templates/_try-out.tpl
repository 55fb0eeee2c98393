{{/* Volumes of a StatefulSet that is to keep what it has; none when it is not. */}}
{{- define "pentafold.tryOutClaims" -}}
{{- if .root.Values.tryOut.persistent -}}
volumeClaimTemplates:
  - metadata:
      name: data
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .root.Values.tryOut.storageClassName }}
      storageClassName: {{ . }}
      {{- end }}
      resources:
        requests:
          storage: {{ .size }}
{{- end -}}
{{- end -}}
