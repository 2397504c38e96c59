# Runs a PostgreSQL server until standard input ends. $1: folder of its programs, or empty to search PATH.
# Says "ready FOLDER" (the socket's folder) once it answers; else exits with the reason on standard error.
set -eu
[ -z "$1" ] || PATH=$1:$PATH
for parent in "${TMPDIR:-/tmp}" /tmp; do
  dir=$(mktemp -d "$parent/gatehouse-pg.XXXXXX" 2>/dev/null) && break
done
server=
finish() {
  if [ -n "$server" ]; then
    kill -QUIT "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  cd /
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

if ! initdb -D data -U postgres -A trust -E UTF8 --no-locale --no-sync --no-instructions >initdb.log 2>&1; then
  cat initdb.log >&2
  exit 1
fi
# No durability: the data is gone with the test.
postgres -D data -k "$dir" -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
  -c max_connections=200 -c shared_buffers=32MB </dev/null >server.log 2>&1 &
server=$!
tries=0
until psql -qXAt -h "$dir" -U postgres -c 'SELECT 1' postgres >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ] || ! kill -0 "$server" 2>/dev/null; then
    cat server.log >&2
    exit 1
  fi
  sleep 0.05
done
echo "ready $dir"
# The test process holds the other end of this pipe: it ends when that process ends, however it does.
while read -r _; do :; done
