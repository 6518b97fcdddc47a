{{/* Names and labels. The service's own name is not prefixed by the release: its pods must be called
     <service>-<ordinal>, because that is the instance's name in every log (docs/protocol.md). */}}

{{- define "evenkeel.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "evenkeel.service" -}}
{{- .Values.policy.service -}}
{{- end }}

{{- define "evenkeel.directory" -}}
{{- printf "%s-directory" .Values.policy.service -}}
{{- end }}

{{/* Worker pods of another release may serve this one's StatefulSet: worker.serviceAccount names theirs. */}}
{{- define "evenkeel.workerAccount" -}}
{{- .Values.worker.serviceAccount | default (printf "%s-worker" (include "evenkeel.name" .)) -}}
{{- end }}

{{/* What selects pods: never changes for a running release. Takes (dict "root" $ "component" "worker"). */}}
{{- define "evenkeel.selector" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{/* All labels of an object. */}}
{{- define "evenkeel.labels" -}}
{{ include "evenkeel.selector" . }}
app.kubernetes.io/part-of: evenkeel
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* {name}, {ordinal}, {service} and {namespace} of a template, for one known ordinal. Takes (dict "root" "text" "ordinal"). */}}
{{- define "evenkeel.ofInstance" -}}
{{- $instance := printf "%s-%d" (include "evenkeel.service" .root) (int .ordinal) -}}
{{- $text := .text | replace "{service}" (include "evenkeel.service" .root) | replace "{namespace}" .root.Release.Namespace -}}
{{- $text | replace "{name}" $instance | replace "{ordinal}" (toString (int .ordinal)) -}}
{{- end }}

{{/* The address of an instance as its pod sees it: Kubernetes fills in $(…) from variables before it. */}}
{{- define "evenkeel.urlInPod" -}}
{{- $text := .Values.messaging.url | replace "{service}" (include "evenkeel.service" .) | replace "{namespace}" .Release.Namespace -}}
{{- $text | replace "{name}" "$(EVENKEEL_INSTANCE)" | replace "{ordinal}" "$(EVENKEEL_ORDINAL)" -}}
{{- end }}

{{/* How many instances there can be at once: the policy's most, and the one that a roll starts besides. */}}
{{- define "evenkeel.instancesMax" -}}
{{- add (int .Values.policy.instances.max) (int .Values.messaging.surgeInstances) -}}
{{- end }}
