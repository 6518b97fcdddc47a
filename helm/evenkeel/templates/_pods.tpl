{{/* What every pod of ours has alike. */}}

{{- define "evenkeel.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* Nobody is root, nobody becomes root. 1000 is the user `node` of the image. Takes the user's number. */}}
{{- define "evenkeel.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int . }}
runAsGroup: {{ int . }}
fsGroup: {{ int . }}
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "evenkeel.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Which nodes pods of ours may run on. Takes (dict "root" "at"), `at` with nodeSelector, tolerations,
     priorityClassName. */}}
{{- define "evenkeel.nodes" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .at.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .at.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .at.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The same, and apart from each other. Takes (dict "root" "component" "at"), `at` also with affinity. */}}
{{- define "evenkeel.placement" -}}
{{ include "evenkeel.nodes" . }}
{{- if .at.affinity }}
affinity:
  {{- toYaml .at.affinity | nindent 2 }}
{{- else }}
affinity:
  podAntiAffinity:
    # Preferred: on a cluster of one node two pods side by side are better than one that waits.
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "evenkeel.selector" . | nindent 14 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "evenkeel.selector" . | nindent 8 }}
{{- end }}

{{/* The three probes of a program of ours, on its port of its own. Takes (dict "startupSeconds"). */}}
{{- define "evenkeel.probes" -}}
startupProbe:
  httpGet: { path: /healthz/startup, port: probes }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: {{ max 1 (div (int .startupSeconds) 2) }}
livenessProbe:
  # Says that the event loop moves, and nothing about Kafka, MongoDB or Temporal: Kubernetes must not
  # kill the fleet because one of them is slow.
  httpGet: { path: /healthz/live, port: probes }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  # Often: a saga that adds an instance waits for this answer.
  httpGet: { path: /healthz/ready, port: probes }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end }}
