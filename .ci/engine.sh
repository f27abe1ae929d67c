# Sourced by .ci/run: an engine of Docker for the tests of containers, if this machine can have one. Nothing here
# fails: without an engine those tests are skipped, and say why.

# Packages that the chaos tests use where they find them: the engine, what cuts links, what builds a base
# image out of Debian packages, what shifts a process's clock.
chaos_packages() {
  command -v dockerd >/dev/null || timeout 20 docker info >/dev/null 2>&1 || echo docker.io
  command -v iptables >/dev/null || echo iptables
  command -v mmdebstrap >/dev/null || echo mmdebstrap
  ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || echo faketime
}

# Starts an engine when none answers; engine_pid is set when it was started here.
start_engine() {
  engine_pid=
  if ! command -v docker >/dev/null; then
    echo "No docker: the tests of containers will be skipped."
  elif timeout 20 docker info >/dev/null 2>&1; then
    echo "Docker's engine answers."
  elif [ "$(id -u)" != 0 ] || ! command -v dockerd >/dev/null; then
    echo "Docker's engine does not answer and cannot be started from here: the tests of containers will be skipped."
  else
    engine_log=$(mktemp)
    dockerd >"$engine_log" 2>&1 &
    engine_pid=$!
    for _ in $(seq 60); do
      if timeout 20 docker info >/dev/null 2>&1; then
        echo "Docker's engine has been started."
        return 0
      fi
      kill -0 "$engine_pid" 2>/dev/null || break
      sleep 1
    done
    echo "Docker's engine did not start; the tests of containers will be skipped. Its last words:"
    tail -n 3 "$engine_log"
    stop_engine
  fi
}

stop_engine() {
  if [ -n "${engine_pid-}" ]; then
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    engine_pid=
  fi
}
