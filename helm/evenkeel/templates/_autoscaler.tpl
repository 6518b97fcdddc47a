{{/* The HorizontalPodAutoscaler of a Deployment. Takes (dict "root" "component" "autoscaling").
     Kubernetes follows whichever metric asks for the most pods; while one of them cannot be read it
     still adds pods on the others, and removes none. */}}
{{- define "evenkeel.autoscaler" -}}
{{- $auto := .autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .component }}
  labels:
    {{- include "evenkeel.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ .component }} }
  minReplicas: {{ $auto.min }}
  maxReplicas: {{ $auto.max }}
  metrics:
    {{- with $auto.cpuUtilization }}
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ . }} } }
    {{- end }}
    {{- with $auto.memoryUtilization }}
    - type: Resource
      resource: { name: memory, target: { type: Utilization, averageUtilization: {{ . }} } }
    {{- end }}
    {{- range $metric, $average := $auto.podMetrics }}
    - type: Pods
      pods: { metric: { name: {{ $metric }} }, target: { type: AverageValue, averageValue: {{ $average | quote }} } }
    {{- end }}
    {{- with $auto.otherMetrics }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  behavior:
    {{- toYaml $auto.behavior | nindent 4 }}
{{- end }}
