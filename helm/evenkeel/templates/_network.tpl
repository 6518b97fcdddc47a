{{/* Prometheus asks for metrics, and the test of this chart for probes. */}}
{{- define "evenkeel.metricsIngress" -}}
- ports: [{ port: probes }]
  from:
    - podSelector:
        matchLabels:
          app.kubernetes.io/instance: {{ .Release.Name }}
          app.kubernetes.io/name: test
    {{- with .Values.networkPolicy.metricsFrom }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* The port of `host:port`, or the default. Takes (dict "address" "otherwise"). */}}
{{- define "evenkeel.portOf" -}}
{{- regexFind ":[0-9]+$" (trim .address) | trimPrefix ":" | default .otherwise -}}
{{- end }}

{{/* One rule of egress. Takes (dict "ports" (list) "to" (list)). */}}
{{- define "evenkeel.egressRule" -}}
- ports:
    {{- range .ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Where a program of ours connects to. Takes (dict "root" $ "temporal" true "api" true). */}}
{{- define "evenkeel.egress" -}}
{{- $values := .root.Values -}}
{{- $policy := $values.networkPolicy -}}
{{- $brokers := list -}}
{{- range splitList "," $values.kafka.brokers -}}
{{- $brokers = append $brokers (include "evenkeel.portOf" (dict "address" . "otherwise" "9092")) -}}
{{- end -}}
- ports:
    {{- range $policy.dnsPorts }}
    - { port: {{ . }}, protocol: UDP }
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{ include "evenkeel.egressRule" (dict "ports" (uniq $brokers) "to" $policy.kafkaTo) }}
{{ include "evenkeel.egressRule" (dict "ports" (list $values.mongodb.port) "to" $policy.mongodbTo) }}
{{- if .temporal }}
{{ include "evenkeel.egressRule" (dict "ports" (list (include "evenkeel.portOf" (dict "address" $values.temporal.address "otherwise" "7233"))) "to" $policy.temporalTo) }}
{{- end }}
{{- if and .prometheus $values.prometheus.url }}
{{- $host := regexReplaceAll "^https?://([^/]+).*$" $values.prometheus.url "${1}" }}
{{- $otherwise := hasPrefix "https:" $values.prometheus.url | ternary "443" "80" }}
{{ include "evenkeel.egressRule" (dict "ports" (list (include "evenkeel.portOf" (dict "address" $host "otherwise" $otherwise))) "to" $policy.prometheusTo) }}
{{- end }}
{{- if .api }}
# The API server, by the ports that its Service and its machines have.
{{ include "evenkeel.egressRule" (dict "ports" $policy.apiServerPorts "to" $policy.apiServerTo) }}
{{- end }}
{{- end }}
