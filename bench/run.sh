#!/usr/bin/env bash
# Measures everything that docs/performance.md reports, in under ten minutes, and prints the table.
# CUSTOMERS=1000000, CLICKS=1000000 and SECONDS_EACH=5 unless set. Needs wrk and PostgreSQL (Debian packages).
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
export CUSTOMERS=${CUSTOMERS:-1000000}
each=${SECONDS_EACH:-5} rounds=3
server=src/Candor.Server/bin/Release/net10.0/candor
bench=bench/Candor.Benchmarks/bin/Release/net10.0/Candor.Benchmarks
for tool in wrk curl; do command -v $tool >/dev/null || { echo "bench: install the Debian package $tool" >&2; exit 2; }; done

work=$(mktemp -d "${TMPDIR:-/tmp}/candor-bench-XXXXXX")
running=()
pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
as_postgres() { if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi; }
stop_all() {
    ((${#running[@]} == 0)) || kill "${running[@]}" 2>/dev/null || true
    [[ ! -d $work/pg/data ]] || as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop_all EXIT
say() { echo "$(date +%H:%M:%S) $*" >&2; }

say "building"
dotnet build bench/Candor.Benchmarks -c Release -v quiet --nologo >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
dotnet build src/Candor.Server -c Release -v quiet --nologo >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

say "starting PostgreSQL"
chmod 755 "$work"
mkdir "$work/pg"; ((EUID != 0)) || chown postgres "$work/pg"
as_postgres "$pg_bin/initdb" -D "$work/pg/data" --locale=C --encoding=UTF8 --auth=trust --username=candor >/dev/null
as_postgres "$pg_bin/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" \
    -o "-p 5499 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/pg -c max_connections=200 -c shared_buffers=1GB -c max_wal_size=4GB" start >/dev/null
postgres="Host=127.0.0.1;Port=5499;Username=candor;Database=postgres"
export CANDOR_BENCH_KEYS=$work/pg-keys

declare -A figure key
say "seeding $CUSTOMERS customers into SQLite"
key[SQLite]=$($bench seed "$work/lite" "$CUSTOMERS")
say "seeding $CUSTOMERS customers into PostgreSQL"
key[PostgreSQL]=$($bench seed "$postgres" "$CUSTOMERS")
say "the decision alone"
figure[decision]=$($bench decision)

# start NAME PORT COMMAND…: starts a server, waits for its first answer, and leaves its process id and the milliseconds in pid and took.
start() {
    local port=$1 begin; shift
    begin=$(date +%s%3N)
    "$@" >"$work/server.log" 2>&1 &
    pid=$!; running+=("$pid")
    until curl -s -o /dev/null "http://127.0.0.1:$port/healthz"; do
        kill -0 "$pid" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
        sleep 0.01
    done
    took=$(($(date +%s%3N) - begin))
}
stop() { kill "$1"; wait "$1" 2>/dev/null || true; }
# load PORT CONNECTIONS KEY: requests a second.
load() {
    local out
    out=$(KEY=$3 wrk -t2 -c"$2" -d"${each}s" -s bench/read.lua "http://127.0.0.1:$1")
    ! grep -q "Non-2xx" <<<"$out" || { echo "$out" >&2; exit 1; }
    sed -n 's/^Requests\/sec: *//p' <<<"$out"
}
median() { sort -g | sed -n "$(((rounds + 1) / 2))p"; }

start 5180 $bench bare http://127.0.0.1:5180
bare=$pid
for engine in SQLite PostgreSQL; do
    if [[ $engine == SQLite ]]; then store=$work/lite arguments=(--data "$work/lite"); else store=$postgres arguments=(--data "$CANDOR_BENCH_KEYS" --postgres "$postgres"); fi
    start 5181 $server serve "${arguments[@]}" --urls http://127.0.0.1:5181 --rate 1000000
    figure[$engine.start]=$took
    figure[$engine.memory]=$(($(sed -n 's/VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status) / 1024))
    say "$engine: warming up"
    load 5180 64 none >/dev/null; load 5181 64 "${key[$engine]}" >/dev/null
    for connections in 64 256; do
        say "$engine: gated reads, $connections connections"
        : >"$work/bare"; : >"$work/candor"
        for ((round = 0; round < rounds; round++)); do
            load 5180 $connections none >>"$work/bare"
            load 5181 $connections "${key[$engine]}" >>"$work/candor"
        done
        b=$(median <"$work/bare") c=$(median <"$work/candor")
        figure[$engine.$connections]=$(awk "BEGIN { printf \"%.2f (%.0f of %.0f a second)\", $c / $b, $c, $b }")
    done
    figure[$engine.loaded]=$(($(sed -n 's/VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status) / 1024))
    stop "$pid"
    say "$engine: events, withdrawals, the customer's first page"
    figure[$engine.events]=$($bench events "$store")
    figure[$engine.withdrawal]=$($bench withdrawal "$store")
    figure[$engine.me]=$($bench me "$store")
    read -r figure[$engine.report] figure[$engine.erasure] < <($bench rights "$store")
    [[ $engine != SQLite ]] || { say "$engine: log verification"; figure[verify]=$($bench verify "$store"); }
done
stop "$bare"

cat <<TABLE
Measured $(date -u +%Y-%m-%d) on $(nproc) cores ($(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)) with $CUSTOMERS customers; load generator and database on the same cores.

| what | goal | measured |
|---|---|---|
| gated read over HTTP, SQLite, 64 connections, as a share of a bare Kestrel JSON route | ≥ 0.40 | ${figure[SQLite.64]} |
| the same, 256 connections | ≥ 0.50 | ${figure[SQLite.256]} |
| the same, PostgreSQL, 64 connections | ≥ 0.15 | ${figure[PostgreSQL.64]} |
| the same, PostgreSQL, 256 connections | | ${figure[PostgreSQL.256]} |
| the decision alone | ≤ 100 ns | ${figure[decision]} ns |
| events in, sealed and durable, SQLite | ≥ 40,000/s | ${figure[SQLite.events]}/s |
| events in, sealed and durable, PostgreSQL | ≥ 30,000/s | ${figure[PostgreSQL.events]}/s |
| withdrawal confirmed, p99, SQLite | ≤ 20 ms | ${figure[SQLite.withdrawal]} ms |
| withdrawal confirmed, p99, PostgreSQL | | ${figure[PostgreSQL.withdrawal]} ms |
| the first page of My Data & Privacy, p95, SQLite | ≤ 50 ms | ${figure[SQLite.me]} ms |
| the same, PostgreSQL | ≤ 50 ms | ${figure[PostgreSQL.me]} ms |
| access report of a customer with 10,000 events, SQLite | ≤ 300 ms | ${figure[SQLite.report]} ms |
| the same, PostgreSQL | | ${figure[PostgreSQL.report]} ms |
| erasure of that customer, SQLite | ≤ 200 ms | ${figure[SQLite.erasure]} ms |
| the same, PostgreSQL | | ${figure[PostgreSQL.erasure]} ms |
| log verification | ≥ 200,000 entries/s | ${figure[verify]} entries/s |
| resident memory after start, SQLite | ≤ 300 MB | ${figure[SQLite.memory]} MB (${figure[SQLite.loaded]} MB after the load) |
| start to first answer, SQLite | ≤ 2 s | ${figure[SQLite.start]} ms |
TABLE

say "suggestions on ${CLICKS:-1000000} made-up clicks"
$bench seed-clicks "$work/clicks" "${CLICKS:-1000000}"
echo
echo "Suggestions, ${CLICKS:-1000000} made-up clicks, SQLite; next needs of 100,000 customers:"
$bench models "$work/clicks"
$bench suggestions-http "${CLICKS:-1000000}"
$bench needs 100000
