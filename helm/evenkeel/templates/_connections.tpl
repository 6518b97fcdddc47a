{{/* How a program of ours reaches Kafka, MongoDB and Temporal: variables, and secrets mounted as files,
     so that none stands in an environment, a manifest or a release. Each takes
     (dict "root" $ "at" .Values.worker "temporal" true): `at.credentials` may name other secrets. */}}

{{- define "evenkeel.kafkaSaslSecret" -}}
{{- dig "credentials" "kafkaSasl" "" .at | default .root.Values.kafka.sasl.secretName -}}
{{- end }}
{{- define "evenkeel.kafkaTlsSecret" -}}
{{- dig "credentials" "kafkaTls" "" .at | default .root.Values.kafka.tls.secretName -}}
{{- end }}
{{- define "evenkeel.mongodbSecret" -}}
{{- dig "credentials" "mongodb" "" .at | default .root.Values.mongodb.secretName -}}
{{- end }}

{{- define "evenkeel.connectionEnv" -}}
{{- $values := .root.Values -}}
{{- with $values.kafka -}}
- name: KAFKA_BROKERS
  value: {{ .brokers | quote }}
{{- if .tls.enabled }}
- name: KAFKA_TLS
  value: 'true'
{{- if .tls.caKey }}
- name: KAFKA_TLS_CA_FILE
  value: /etc/evenkeel/kafka-tls/{{ .tls.caKey }}
{{- end }}
{{- if .tls.certKey }}
- name: KAFKA_TLS_CERT_FILE
  value: /etc/evenkeel/kafka-tls/{{ .tls.certKey }}
- name: KAFKA_TLS_KEY_FILE
  value: /etc/evenkeel/kafka-tls/{{ .tls.keyKey }}
{{- end }}
{{- end }}
{{- if .sasl.mechanism }}
- name: KAFKA_SASL_MECHANISM
  value: {{ .sasl.mechanism }}
- name: KAFKA_SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ include "evenkeel.kafkaSaslSecret" $ }}
      key: {{ .sasl.usernameKey }}
- name: KAFKA_SASL_PASSWORD_FILE
  value: /etc/evenkeel/kafka-sasl/{{ .sasl.passwordKey }}
{{- end }}
{{- end }}
{{- with $values.mongodb }}
- name: MONGODB_URI_FILE
  value: /etc/evenkeel/mongodb/{{ .uriKey }}
- name: MONGODB_DATABASE
  value: {{ .database | quote }}
{{- if .tls.secretName }}
- name: MONGODB_TLS_CA_FILE
  value: /etc/evenkeel/mongodb-tls/{{ .tls.caKey }}
{{- end }}
{{- end }}
{{- if .temporal }}
{{- with $values.temporal }}
- name: TEMPORAL_ADDRESS
  value: {{ .address | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .namespace | quote }}
# A variable, so that commands which are run in the worker's pod ask this release's workers, too.
- name: EVENKEEL_TASK_QUEUE
  value: {{ .taskQueue | quote }}
{{- if .tls.enabled }}
- name: TEMPORAL_TLS
  value: 'true'
{{- if .tls.caKey }}
- name: TEMPORAL_TLS_CA_FILE
  value: /etc/evenkeel/temporal-tls/{{ .tls.caKey }}
{{- end }}
{{- if .tls.certKey }}
- name: TEMPORAL_TLS_CERT_FILE
  value: /etc/evenkeel/temporal-tls/{{ .tls.certKey }}
- name: TEMPORAL_TLS_KEY_FILE
  value: /etc/evenkeel/temporal-tls/{{ .tls.keyKey }}
{{- end }}
{{- end }}
{{- if .apiKey.secretName }}
- name: TEMPORAL_API_KEY_FILE
  value: /etc/evenkeel/temporal-api-key/{{ .apiKey.key }}
{{- end }}
{{- if .payloadKeys.secretName }}
- name: EVENKEEL_PAYLOAD_KEYS
  valueFrom:
    secretKeyRef:
      name: {{ .payloadKeys.secretName }}
      key: {{ .payloadKeys.key }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .prometheus $values.prometheus.url }}
{{- with $values.prometheus }}
- name: PROMETHEUS_URL
  value: {{ .url | quote }}
{{- if .tls.enabled }}
- name: PROMETHEUS_TLS
  value: 'true'
{{- if .tls.caKey }}
- name: PROMETHEUS_TLS_CA_FILE
  value: /etc/evenkeel/prometheus-tls/{{ .tls.caKey }}
{{- end }}
{{- if .tls.certKey }}
- name: PROMETHEUS_TLS_CERT_FILE
  value: /etc/evenkeel/prometheus-tls/{{ .tls.certKey }}
- name: PROMETHEUS_TLS_KEY_FILE
  value: /etc/evenkeel/prometheus-tls/{{ .tls.keyKey }}
{{- end }}
{{- end }}
{{- if .token.secretName }}
- name: PROMETHEUS_TOKEN_FILE
  value: /etc/evenkeel/prometheus-token/{{ .token.key }}
{{- end }}
{{- if .login.secretName }}
- name: PROMETHEUS_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ .login.secretName }}
      key: {{ .login.usernameKey }}
- name: PROMETHEUS_PASSWORD_FILE
  value: /etc/evenkeel/prometheus-login/{{ .login.passwordKey }}
{{- end }}
{{- if .plaintext }}
- name: PROMETHEUS_PLAINTEXT
  value: allow
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The secrets that are mounted: a JSON object, directory name → secret name. */}}
{{- define "evenkeel.mountedSecrets" -}}
{{- $values := .root.Values -}}
{{- $secrets := dict "mongodb" (include "evenkeel.mongodbSecret" .) -}}
{{- if and $values.kafka.tls.enabled (or $values.kafka.tls.caKey $values.kafka.tls.certKey) -}}
{{- $_ := set $secrets "kafka-tls" (include "evenkeel.kafkaTlsSecret" .) -}}
{{- end -}}
{{- if $values.kafka.sasl.mechanism -}}
{{- $_ := set $secrets "kafka-sasl" (include "evenkeel.kafkaSaslSecret" .) -}}
{{- end -}}
{{- with $values.mongodb.tls.secretName -}}
{{- $_ := set $secrets "mongodb-tls" . -}}
{{- end -}}
{{- if .temporal -}}
{{- with $values.temporal -}}
{{- if and .tls.enabled (or .tls.caKey .tls.certKey) -}}
{{- $_ := set $secrets "temporal-tls" .tls.secretName -}}
{{- end -}}
{{- if .apiKey.secretName -}}
{{- $_ := set $secrets "temporal-api-key" .apiKey.secretName -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .prometheus $values.prometheus.url -}}
{{- with $values.prometheus -}}
{{- if and .tls.enabled (or .tls.caKey .tls.certKey) -}}
{{- $_ := set $secrets "prometheus-tls" .tls.secretName -}}
{{- end -}}
{{- if .token.secretName -}}
{{- $_ := set $secrets "prometheus-token" .token.secretName -}}
{{- end -}}
{{- if .login.secretName -}}
{{- $_ := set $secrets "prometheus-login" .login.secretName -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end }}

{{- define "evenkeel.connectionMounts" -}}
{{- range $directory, $_ := include "evenkeel.mountedSecrets" . | fromJson }}
- name: {{ $directory }}
  mountPath: /etc/evenkeel/{{ $directory }}
  readOnly: true
{{- end }}
{{- end }}

{{- define "evenkeel.connectionVolumes" -}}
{{- range $directory, $secret := include "evenkeel.mountedSecrets" . | fromJson }}
- name: {{ $directory }}
  secret:
    secretName: {{ $secret }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{/* Variables that values add, sorted by name. */}}
{{- define "evenkeel.extraEnv" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* How the worker finds the StatefulSet and the addresses of its pods. Who it is there, its service
     account says. */}}
{{- define "evenkeel.platformEnv" -}}
- name: EVENKEEL_PLATFORM
  value: kubernetes
- name: EVENKEEL_NAMESPACE
  value: {{ .Release.Namespace }}
- name: EVENKEEL_ADDRESS_TEMPLATE
  value: {{ .Values.messaging.url | quote }}
{{- end }}
