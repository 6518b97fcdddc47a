{{/* Alerts, only on metrics that the programs have (test/helm/metrics.test.ts looks). Prometheus' own
     braces stand in backquotes. Each annotation `runbook` says what to do first; docs/alerts.md says more. */}}

{{- /* MovesSlow takes all that a new instance has counted: its clients come before its first scrape, and
       `rate` would not see them. */ -}}
{{- define "evenkeel.runbook" -}}
{{- $docs := .Values.monitoring.rules.docsUrl | default "docs" | trimSuffix "/" -}}
{{- printf "%s/alerts.md" $docs -}}
{{- end }}

{{/* One alert. Takes (dict "docs" "name" "severity" "for" "expr" "summary" "runbook"). */}}
{{- define "evenkeel.alert" -}}
- alert: {{ .name }}
  expr: {{ .expr | squote }}
  for: {{ .for }}
  labels:
    severity: {{ .severity }}
  annotations:
    summary: {{ .summary | quote }}
    runbook: {{ .runbook | quote }}
    runbook_url: {{ printf "%s#%s" .docs (lower .name) | quote }}
{{- end }}

{{- define "evenkeel.rules" -}}
{{- $docs := include "evenkeel.runbook" . -}}
{{- $service := include "evenkeel.service" . -}}
{{- $of := printf "service=%q" $service -}}
{{- /* Instances of an older version have no cause: theirs count, too. */ -}}
{{- $moved := printf `%s,cause!="other"` $of -}}
{{- $policy := .Values.policy -}}
groups:
  - name: evenkeel-{{ $service }}-people
    rules:
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelPartitionsUnserved" "severity" "critical" "for" "1m"
          "expr" (printf "sum(evenkeel_held_partitions{%s}) < %d or absent(evenkeel_held_partitions{%s})" $of (int $policy.partitions) $of)
          "summary" (printf `Only {{ $value }} of %d partitions of %s are served: the people of the others get no messages.` (int $policy.partitions) $service)
          "runbook" (printf "Are all pods of the StatefulSet running? Then `evenkeel status %s` and `evenkeel doctor %s`: a lost instance is fenced and its partitions given to others within seconds, unless Kafka, Temporal or the worker is away." $service $service)) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelInstanceSilent" "severity" "critical" "for" "30s"
          "expr" (printf "evenkeel_lease_good{%s} == 0" $of)
          "summary" `{{ $labels.instance }} may not speak: it does not read its own heartbeats from Kafka, and serves nobody meanwhile.`
          "runbook" "One instance: is its node short of processor, or cut off from Kafka? All of them: it is Kafka. Clients are kept for 15 s and then look for another instance.") | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelMovesSlow" "severity" "warning" "for" "0m"
          "expr" (printf "histogram_quantile(0.99, sum by (le) ((increase(evenkeel_client_gap_ms_bucket{%s}[10m]) and evenkeel_client_gap_ms_bucket{%s} offset 10m) or evenkeel_client_gap_ms_bucket{%s})) > 1000" $moved $moved $moved)
          "summary" (printf `Clients of %s that were moved waited {{ $value | humanize }} ms at P99; the objective is 1000.` $service)
          "runbook" (printf "Lower pace.clientsPerWave or pace.acceptPerSecond in the policy, or give instances more processor: a receiver welcomes fewer clients a second than the pace sends. `evenkeel history %s` has the gaps of each rebalance." $service)) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelSocketsRefused" "severity" "warning" "for" "2m"
          "expr" (printf `sum by (instance) (rate(evenkeel_sockets_turned_away_total{%s,why="full"}[5m])) > 0` $of)
          "summary" `{{ $labels.instance }} is full and refuses sockets.`
          "runbook" "It has 50 000 sockets. Raise policy.instances.max, or lower clientsPerInstance.upper so that instances are added earlier.") | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelSessionsWait" "severity" "critical" "for" "1m"
          "expr" (printf "sum(evenkeel_directory_held{%s}) > 0" $of)
          "summary" (printf `{{ $value }} people wait for somebody to hold their partition of %s.` $service)
          "runbook" "Nobody live holds their partitions: see EvenkeelPartitionsUnserved.") | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelDirectoryFails" "severity" "critical" "for" "5m"
          "expr" (printf `sum(rate(evenkeel_directory_answers_total{%s,status=~"5.."}[5m])) / sum(rate(evenkeel_directory_answers_total{%s}[5m])) > 0.05` $of $of)
          "summary" (printf `{{ $value | humanizePercentage }} of the answers of the session directory of %s are failures or refusals.` $service)
          "runbook" "503 with Retry-After is a storm that is served in turn: more come than 1000 a second per directory; raise directory.autoscaling.min. Otherwise read the directory's log.") | nindent 6 }}
  - name: evenkeel-{{ $service }}-control
    rules:
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelNoWorker" "severity" "critical" "for" "2m"
          "expr" "sum(evenkeel_worker_running) < 1 or absent(evenkeel_worker_running)"
          "summary" "No worker takes tasks: nothing is evaluated, no rebalance goes on, no lost instance is replaced."
          "runbook" "The service itself goes on. Look at the worker's pods and their logs: most often Temporal does not answer, or a secret is wrong.") | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelEvaluationsLate" "severity" "warning" "for" "1m"
          "expr" (printf "time() - max(evenkeel_schedule_last_tick_timestamp_seconds{%s}) > 120 and max(evenkeel_schedule_paused{%s}) == 0" $of $of)
          "summary" (printf `%s was last evaluated {{ $value | humanizeDuration }} ago.` $service)
          "runbook" (printf "Does Temporal answer, and does a worker take tasks (evenkeel_worker_running)? `evenkeel doctor %s` says which." $service)) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelSchedulePaused" "severity" "warning" "for" "30m"
          "expr" (printf "max(evenkeel_schedule_paused{%s}) == 1" $of)
          "summary" (printf `The Schedule of %s is paused: it is not scaled by load.` $service)
          "runbook" (printf "Its note says who paused it and why. After a failed undo: mend the cause, ask for a rebalance, then `evenkeel resume %s`." $service)) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelAtItsLimit" "severity" "warning" "for" "10m"
          "expr" (printf "sum(evenkeel_connected_clients{%s}) / count(evenkeel_held_partitions{%s} > 0) > %d" $of $of (int $policy.clientsPerInstance.upper))
          "summary" (printf `%s has {{ $value | humanize }} clients per instance, above the upper threshold of %d, for ten minutes.` $service (int $policy.clientsPerInstance.upper))
          "runbook" (printf "Instances are not added: `evenkeel explain --last 1h --service %s` says why. Most often policy.instances.max (%d) is reached, or pods cannot be scheduled." $service (int $policy.instances.max))) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelRevisionsDiffer" "severity" "warning" "for" "5m"
          "expr" (printf "max(evenkeel_revision{%s}) - min(evenkeel_revision{%s} > 0) > 0" $of $of)
          "summary" (printf `Instances of %s strive for different revisions.` $service)
          "runbook" (printf "An instance does not read the control topic. `evenkeel status %s` shows which; the next rebalance fences it. Restart its pod if it does not come round." $service)) | nindent 6 }}
      {{- include "evenkeel.alert" (dict "docs" $docs "name" "EvenkeelRecordsSkipped" "severity" "warning" "for" "0m"
          "expr" (printf "sum by (log, reason) (increase(evenkeel_skipped_records_total{%s}[15m])) > 0" $of)
          "summary" (printf `Something wrote {{ $value | humanize }} records into {{ $labels.log }} of %s that are none of ours ({{ $labels.reason }}).` $service)
          "runbook" "They are ignored. Find the writer: nobody but the principals of docs/permissions.md needs these topics.") | nindent 6 }}
{{- end }}
