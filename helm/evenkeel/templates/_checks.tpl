{{/* Values that cannot work together, each with the sentence that says what to do. All of them are
     said at once. What one value alone must look like is in values.schema.json. */}}

{{- define "evenkeel.checks" -}}
{{- $wrong := list -}}
{{- range tuple "policy" "secrets" "instances" "autoscaling" "names" "monitoring" -}}
{{- range include (printf "evenkeel.checks.%s" .) $ | splitList "\n" -}}
{{- with trim . -}}{{- $wrong = append $wrong . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $wrong -}}
{{- fail (printf "\n\nThese values cannot work:\n  - %s\n" (join "\n  - " $wrong)) -}}
{{- end -}}
{{- end }}

{{- define "evenkeel.checks.policy" -}}
{{- with .Values.policy -}}
{{- $min := int .instances.min -}}
{{- $max := int .instances.max -}}
{{- $upper := int .clientsPerInstance.upper -}}
{{- $lower := int .clientsPerInstance.lower -}}
{{- $target := int .clientsPerInstance.target -}}
{{- if gt $min $max }}
policy.instances.min is {{ $min }}, more than max ({{ $max }}): lower min or raise max
{{- end }}
{{- if gt $max (int .partitions) }}
policy.instances.max is {{ $max }}, more than the {{ .partitions }} partitions: an instance without a partition serves nobody
{{- end }}
{{- if le $upper $lower }}
policy.clientsPerInstance.upper is {{ $upper }} and lower is {{ $lower }}: upper must be more than lower, else instances come and go without end
{{- else if or (ge $lower $target) (gt $target $upper) }}
policy.clientsPerInstance.target is {{ $target }}: it must be more than lower ({{ $lower }}) and at most upper ({{ $upper }})
{{- end }}
{{- end }}
{{- end }}

{{- define "evenkeel.checks.secrets" -}}
{{- $root := . -}}
{{- with .Values.kafka.tls -}}
{{- if and .enabled (or .caKey .certKey .keyKey) (not .secretName) }}
kafka.tls.secretName is empty: name the secret that has the keys caKey, certKey and keyKey
{{- end }}
{{- if ne (empty .certKey) (empty .keyKey) }}
kafka.tls.certKey and kafka.tls.keyKey go together: a certificate is of no use without its private key
{{- end }}
{{- end }}
{{- if .Values.kafka.sasl.mechanism }}
{{- range $name := tuple "worker" "messaging" "directory" "console" "applyPolicy" }}
{{- $at := index $root.Values $name }}
{{- if and $at.enabled (not (include "evenkeel.kafkaSaslSecret" (dict "root" $root "at" $at))) }}
kafka.sasl.secretName is empty, and so is {{ $name }}.credentials.kafkaSasl: name the secret with the user and password for Kafka
{{- end }}
{{- end }}
{{- if and (eq .Values.kafka.sasl.mechanism "plain") (not .Values.kafka.tls.enabled) }}
kafka.sasl.mechanism is plain without kafka.tls.enabled: the password would cross the network readable
{{- end }}
{{- end }}
{{- range $name := tuple "worker" "messaging" "directory" "console" "applyPolicy" }}
{{- $at := index $root.Values $name }}
{{- if and $at.enabled (not (include "evenkeel.mongodbSecret" (dict "root" $root "at" $at))) }}
mongodb.secretName is empty, and so is {{ $name }}.credentials.mongodb: name the secret with the address of MongoDB
{{- end }}
{{- end }}
{{- if and .Values.console.enabled (not .Values.console.tokenSecretName) }}
console.tokenSecretName is empty: name the secret with the token that people log in with
{{- end }}
{{- with .Values.temporal -}}
{{- if and .tls.enabled (or .tls.caKey .tls.certKey .tls.keyKey) (not .tls.secretName) }}
temporal.tls.secretName is empty: name the secret that has the keys caKey, certKey and keyKey
{{- end }}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) }}
temporal.tls.certKey and temporal.tls.keyKey go together: a certificate is of no use without its private key
{{- end }}
{{- if and .apiKey.secretName (not .tls.enabled) }}
temporal.apiKey.secretName is set without temporal.tls.enabled: the key would cross the network readable
{{- end }}
{{- end }}
{{- $source := dig "metrics" "source" "reports" .Values.policy }}
{{- with .Values.prometheus -}}
{{- if and (ne $source "reports") $root.Values.worker.enabled (not .url) }}
prometheus.url is empty, but policy.metrics.source is {{ $source }}: say where Prometheus is
{{- end }}
{{- if and .tls.enabled (not (hasPrefix "https:" .url)) }}
prometheus.tls.enabled needs an address in prometheus.url that begins with https:
{{- end }}
{{- if and .tls.enabled (or .tls.caKey .tls.certKey .tls.keyKey) (not .tls.secretName) }}
prometheus.tls.secretName is empty: name the secret that has the keys caKey, certKey and keyKey
{{- end }}
{{- if ne (empty .tls.certKey) (empty .tls.keyKey) }}
prometheus.tls.certKey and prometheus.tls.keyKey go together: a certificate is of no use without its private key
{{- end }}
{{- if and .token.secretName .login.secretName }}
prometheus.token.secretName and prometheus.login.secretName are both set: keep the token, or user and password
{{- end }}
{{- if and (or .token.secretName .login.secretName) (hasPrefix "http:" .url) (not .plaintext) }}
prometheus.url begins with http:, so the token or password would cross the network readable; where it is encrypted otherwise, set prometheus.plaintext=true
{{- end }}
{{- end }}
{{- if and .Values.directory.enabled (not .Values.directory.secretName) }}
directory.secretName is empty: name the secret with the directory's private key and its callers' key
{{- end }}
{{- if and .Values.messaging.enabled (not .Values.messaging.jwks.configMapName) }}
messaging.jwks.configMapName is empty: name the ConfigMap with the directory's public keys
{{- end }}
{{- if ne (empty .Values.worker.deployment.name) (empty .Values.worker.deployment.buildId) }}
worker.deployment.name and worker.deployment.buildId go together: set both, or neither
{{- end }}
{{- end }}

{{- define "evenkeel.checks.instances" -}}
{{- with .Values.messaging -}}
{{- if hasKey . "replicas" }}
messaging.replicas cannot be set: the saga alone sets the number of instances, because Kubernetes would end pods whoever is connected to them; set policy.instances.min and max, or ask: evenkeel rebalance {{ $.Values.policy.service }} --to n
{{- end }}
{{- if hasKey . "autoscaling" }}
messaging.autoscaling cannot be set: an autoscaler of Kubernetes cuts off everybody on the pod that it removes; Evenkeel scales by policy.clientsPerInstance
{{- end }}
{{- $needs := add (int .preStopSeconds) 30 -}}
{{- if lt (int .terminationGracePeriodSeconds) $needs }}
messaging.terminationGracePeriodSeconds is {{ .terminationGracePeriodSeconds }}: it must be at least {{ $needs }}, preStopSeconds ({{ .preStopSeconds }}) and 30 s, in which an instance hands everything over and closes
{{- end }}
{{- with .routes -}}
{{- $text := printf "%s%s" .host .path -}}
{{- if ne .kind "none" }}
{{- if not .host }}
messaging.routes.host is empty: name the host of each instance, for example {name}.chat.example.com
{{- else if not (or (contains "{name}" $text) (contains "{ordinal}" $text)) }}
messaging.routes has neither {name} nor {ordinal} in host or path: every instance needs an address of its own
{{- else if not (contains .host $.Values.messaging.url) }}
messaging.url is {{ $.Values.messaging.url }}, which is not at messaging.routes.host ({{ .host }}): clients would be sent elsewhere than the routes lead
{{- end }}
{{- end }}
{{- if and (eq .kind "gateway") (not .gateway.parentRefs) }}
messaging.routes.gateway.parentRefs is empty: name the Gateway that the routes belong to
{{- end }}
{{- end }}
{{- if not (or (contains "{name}" .url) (contains "{ordinal}" .url)) }}
messaging.url is {{ .url }}, without {name} or {ordinal}: every instance needs an address of its own
{{- end }}
{{- end }}
{{- end }}

{{- define "evenkeel.checks.autoscaling" -}}
{{- $root := . -}}
{{- $all := dict -}}
{{- if .Values.directory.enabled -}}{{- $_ := set $all "directory" .Values.directory -}}{{- end -}}
{{- range $name, $given := .Values.services -}}
{{- $at := mergeOverwrite (deepCopy $root.Values.serviceDefaults) ($given | default dict) -}}
{{- if $at.enabled -}}{{- $_ := set $all (printf "services.%s" $name) $at -}}{{- end -}}
{{- end -}}
{{- range $name, $at := $all -}}
{{- $auto := $at.autoscaling }}
{{- if and $auto.enabled $at.replicas }}
{{ $name }}.replicas is {{ $at.replicas }} beside autoscaling: every upgrade would set the number back; take replicas out, or set autoscaling.enabled to false
{{- end }}
{{- if $auto.enabled }}
{{- if gt (int $auto.min) (int $auto.max) }}
{{ $name }}.autoscaling.min is {{ $auto.min }}, more than max ({{ $auto.max }}): lower min or raise max
{{- end }}
{{- if not (or $auto.cpuUtilization $auto.memoryUtilization $auto.podMetrics $auto.otherMetrics) }}
{{ $name }}.autoscaling has no metric: give cpuUtilization, memoryUtilization, podMetrics or otherMetrics, or set enabled to false
{{- end }}
{{- range $kind := tuple "cpu" "memory" }}
{{- if and (index $auto (printf "%sUtilization" $kind)) (not (dig "requests" $kind "" ($at.resources | default dict))) }}
{{ $name }}.autoscaling.{{ $kind }}Utilization is percent of resources.requests.{{ $kind }}, which is not set: set it
{{- end }}
{{- end }}
{{- end }}
{{- if ne $name "directory" }}
{{- if not (and $at.image.repository $at.image.tag) }}
{{ $name }}.image needs repository and tag
{{- end }}
{{- if and $at.createsSessions (not $root.Values.directory.secretName) }}
{{ $name }}.createsSessions needs directory.secretName: the secret with the key that callers of the directory send
{{- end }}
{{- if le (int $at.terminationGracePeriodSeconds) (int $at.preStopSeconds) }}
{{ $name }}.terminationGracePeriodSeconds is {{ $at.terminationGracePeriodSeconds }}: it must be more than preStopSeconds ({{ $at.preStopSeconds }}), else nothing is left for requests under way
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "evenkeel.checks.names" -}}
{{- $service := .Values.policy.service -}}
{{- /* Labels of our own pods: two workloads that select the same pods share budgets, traffic and policies. */ -}}
{{- $labels := list "worker" "apply" "test" "monitoring" -}}
{{- if has $service $labels }}
policy.service is {{ $service }}, a name that pods of Evenkeel's own have ({{ join ", " $labels }}): give it another
{{- end }}
{{- /* A service account and a Service that are in a namespace already. */ -}}
{{- range $name := tuple "default" "kubernetes" }}
{{- if or (eq $name $service) (hasKey ($.Values.services | default dict) $name) }}
{{ eq $name $service | ternary "policy.service is" "services has" }} {{ $name }}, a name that Kubernetes itself uses: give it another
{{- end }}
{{- end }}
{{- $taken := concat $labels (list $service (include "evenkeel.directory" .) (printf "%s-worker" (include "evenkeel.name" .)) (printf "%s-instance" $service)) -}}
{{- range $name, $_ := .Values.services }}
{{- if or (has $name $taken) (regexMatch (printf "^%s-[0-9]+$" $service) $name) }}
services.{{ $name }} has a name that Evenkeel's own objects use: give it another
{{- end }}
{{- if not (regexMatch "^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$" $name) }}
services.{{ $name }} is no name of a Kubernetes Service: lower-case letters, digits and dashes, beginning with a letter, at most 52
{{- end }}
{{- end }}
{{- if and (not .Values.worker.enabled) .Values.messaging.enabled (not .Values.worker.serviceAccount) }}
worker.enabled is false and worker.serviceAccount empty: name the service account of the worker that scales {{ $service }}
{{- end }}
{{- end }}

{{- define "evenkeel.checks.monitoring" -}}
{{- if and .Values.monitoring.serviceMonitor.enabled .Values.networkPolicy.enabled (not .Values.networkPolicy.metricsFrom) }}
monitoring.serviceMonitor.enabled without networkPolicy.metricsFrom: Prometheus is told to ask and not let in; name its namespace, [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]
{{- end }}
{{- end }}
