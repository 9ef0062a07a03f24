"""Writes dashboard.json, the Grafana dashboard: `python3 packaging/monitoring/dashboard.py > packaging/monitoring/dashboard.json`."""

import json

PANELS = [
    # title, unit, width, [(query, legend)]
    ("Ready", "bool_yes_no", 4, [("trailsight_ready", "")]),
    ("Insights open", "short", 4, [('sum(trailsight_insights_open{origin="live"})', "")]),
    ("Deliveries given up", "short", 4, [("sum(trailsight_deliveries_dead)", "")]),
    ("Evaluated, behind the clock", "s", 4, [("max(trailsight_evaluated_lag_seconds)", "")]),
    ("Oldest waiting delivery", "s", 4, [("max(trailsight_deliveries_oldest_waiting_seconds)", "")]),
    ("Room on the disk", "bytes", 4, [("min(trailsight_data_free_bytes)", "")]),
    ("Records a second, by what became of them", "ops", 12, [("sum by (outcome) (rate(trailsight_records_total[$__rate_interval]))", "{{outcome}}")]),
    ("Log files a second", "ops", 12, [("sum by (outcome) (rate(trailsight_log_files_total[$__rate_interval]))", "{{outcome}}")]),
    ("Waiting to be read", "short", 12, [("trailsight_puts_waiting", "put"), ("trailsight_log_files_missed", "missed")]),
    ("A batch takes", "s", 12, [("histogram_quantile(0.5, sum by (le) (rate(trailsight_batch_seconds_bucket[$__rate_interval])))", "half"), ("histogram_quantile(0.99, sum by (le) (rate(trailsight_batch_seconds_bucket[$__rate_interval])))", "99 %")]),
    ("Insights told an hour", "short", 12, [("sum by (state, origin) (increase(trailsight_insights_told_total[1h]))", "{{state}} {{origin}}")]),
    ("Records rejected, by reason", "ops", 12, [("sum by (reason) (rate(trailsight_records_rejected_total[$__rate_interval]))", "{{reason}}")]),
    ("Deliveries, by what came of them", "ops", 12, [("sum by (kind, outcome) (rate(trailsight_delivery_attempts_total[$__rate_interval]))", "{{kind}} {{outcome}}")]),
    ("From due to delivered, 99 %", "s", 12, [("histogram_quantile(0.99, sum by (le, kind) (rate(trailsight_delivery_seconds_bucket[$__rate_interval])))", "{{kind}}")]),
    ("Deliveries waiting", "short", 12, [("trailsight_deliveries_waiting", "{{kind}}"), ("trailsight_deliveries_under_way", "under way")]),
    ("Lag of account-Regions: the ten most behind", "s", 12, [("topk(10, trailsight_source_evaluated_lag_seconds)", "{{account}} {{region}} evaluated"), ("topk(10, trailsight_source_delivered_lag_seconds)", "{{account}} {{region}} delivered")]),
    ("Learned: the ten youngest", "m", 12, [("bottomk(10, trailsight_source_learned_minutes)", "{{account}} {{region}}")]),
    ("Rarity that makes an insight", "short", 12, [("trailsight_rarity_asked", "{{account}} {{direction}}")]),
    ("False alarms beside the promise", "short", 12, [("trailsight_false_alarm_correction", "{{account}} {{direction}}")]),
    ("Requests, by service and status", "reqps", 12, [("sum by (service, status) (rate(trailsight_requests_total[$__rate_interval]))", "{{service}} {{status}}")]),
    ("Requests take, 99 %", "s", 12, [("histogram_quantile(0.99, sum by (le, service) (rate(trailsight_request_seconds_bucket[$__rate_interval])))", "{{service}}")]),
    ("Memory", "bytes", 8, [("process_resident_memory_bytes", "")]),
    ("Processors", "short", 8, [("rate(process_cpu_seconds_total[$__rate_interval])", "")]),
    ("The database and its log", "bytes", 8, [("trailsight_store_bytes", "{{file}}")]),
]


def panels():
    x = y = row_height = 0
    for number, (title, unit, width, queries) in enumerate(PANELS, 1):
        height = 4 if width == 4 else 8
        if x + width > 24:
            x, y, row_height = 0, y + row_height, 0
        yield {
            "id": number,
            "type": "stat" if width == 4 else "timeseries",
            "title": title,
            "datasource": {"type": "prometheus", "uid": "${datasource}"},
            "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
            "gridPos": {"x": x, "y": y, "w": width, "h": height},
            "targets": [
                {"refId": "ABCDEFGH"[at], "expr": query, "legendFormat": legend or "__auto"} for at, (query, legend) in enumerate(queries)
            ],
        }
        x, row_height = x + width, max(row_height, height)


print(
    json.dumps(
        {
            "uid": "trailsight",
            "title": "Trailsight",
            "tags": ["cloudtrail", "security"],
            "schemaVersion": 39,
            "refresh": "1m",
            "time": {"from": "now-24h", "to": "now"},
            "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]},
            "panels": list(panels()),
        },
        indent=1,
    )
)
