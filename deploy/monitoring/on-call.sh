# The commands of docs/runbooks, for bash, in the root of the repository:
#
#   . deploy/monitoring/on-call.sh up            what `make up` runs
#   . deploy/monitoring/on-call.sh compose       docker compose
#   . deploy/monitoring/on-call.sh kubernetes    the namespace astegni of kubectl's context
#
# SERVICE is tracking, attendance, presence-socket, gateway or postgres.
# PROMETHEUS: its address, if it is not http://127.0.0.1:9090. DATABASE_URL: on Kubernetes, the database.

# query EXPRESSION: what it is now. Needs promtool, curl and jq.
query() { promtool query instant "${PROMETHEUS:-http://127.0.0.1:9090}" "$1"; }

# firing: which alerts fire or are about to, since when, and why.
firing() {
    curl --silent --show-error "${PROMETHEUS:-http://127.0.0.1:9090}/api/v1/alerts" |
        jq --raw-output '.data.alerts[] | select(.labels.alertname != "Watchdog")
            | "\(.state)\t\(.labels.alertname)\t\(.activeAt[:19])\t\(.annotations.summary): \(.annotations.description)"'
}

# trouble SERVICE: its warnings and errors, the newest last.
trouble() {
    logs "$1" | grep --extended-regexp '"level": "(warning|error|critical)"|^\[[^]]+\]\[[0-9]+\]\[(warning|error|critical)\]|(WARNING|ERROR|FATAL|PANIC):' |
        tail --lines="${2:-20}"
}

# Each of these: logs SERVICE, restart SERVICE, more SERVICE NUMBER (run so many), sql STATEMENT.
case "${1:-}" in
    up)
        logs() {
            case "$1" in
                postgres) set -- postgresql ;;
                tracking | attendance) set -- "$1_service" ;;
                presence-socket) set -- gateway.presence_socket ;;
            esac
            cat "${STATE_DIRECTORY:-.state}/logs/$1"*.log
        }
        restart() { echo "Stop make up with Ctrl-C, and start it again." >&2; }
        more() { echo "Start make up again with REPLICAS=$2." >&2; }
        sql() { .venv/bin/python -m development.psql --command "$1"; }
        ;;
    compose)
        logs() { docker compose logs --no-log-prefix --since 1h "$1"; }
        restart() { docker compose restart --no-deps "$1"; }
        more() { docker compose up --detach --no-recreate --scale "$1=$2" "$1"; }
        sql() { docker compose exec postgres psql --username astegni_user --dbname astegni_user_db --command "$1"; }
        ;;
    kubernetes)
        logs() { kubectl --namespace astegni logs --since 1h --all-containers --tail -1 --selector "app=$1"; }
        restart() { kubectl --namespace astegni rollout restart "deployment/$1"; }
        # An autoscaler would take back what `scale` does.
        more() { kubectl --namespace astegni patch hpa "$1" --patch "{\"spec\": {\"minReplicas\": $2}}"; }
        sql() { psql "$DATABASE_URL" --command "$1"; }
        ;;
    *) echo "Say what runs it: . deploy/monitoring/on-call.sh up, compose or kubernetes" >&2 ;;
esac
