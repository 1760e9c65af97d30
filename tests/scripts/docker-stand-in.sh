#!/usr/bin/env bash
# Stands in for docker: writes each call into $DOCKER_CALLS, a line a call and \x1f after each word, and answers as docker does for what
# the other DOCKER_ variables say. An image is there once it was built.
set -euo pipefail

{
  printf '%s\x1f' "$@"
  echo
} >>"$DOCKER_CALLS"

complain() {
  echo "$1" >&2
  exit 1
}

# The value of a build argument of the first build.
argument() {
  grep '^buildx.build' "$DOCKER_CALLS" | head -n 1 | tr '\037' '\n' | sed -n "s/^$1=//p"
}

case "$1 ${2:-}" in
  "info "*) [[ $DOCKER_ENGINE == yes ]] || complain 'Cannot connect to the Docker daemon.' ;;
  "buildx version") [[ $DOCKER_BUILDX == yes ]] || complain 'docker: unknown command: docker buildx' ;;
  "buildx build") [[ $DOCKER_BUILD == works ]] || complain 'ERROR: failed to solve' ;;
  "image inspect")
    if ! grep '^buildx.build' "$DOCKER_CALLS" | grep -q "$(printf '\037%s\037' "${!#}")"; then
      complain "Error response from daemon: No such image: ${!#}"
    fi
    case $4 in
      *.Os*) echo "$DOCKER_PLATFORM" ;;
      *revision*) if [[ -n $DOCKER_REVISION ]]; then echo "$DOCKER_REVISION"; else argument BUILD_COMMIT; fi ;;
      *created*) argument BUILD_TIME ;;
      *RepoDigests*)
        echo "other.example/x/bulk-transcribe-worker@sha256:$(printf '0%.0s' {1..64})"
        echo "ghcr.io/lukefind/bulk-transcribe-worker@$DOCKER_DIGEST"
        ;;
      *) complain "template parsing error: $4" ;;
    esac
    ;;
  "tag "*) ;;
  "push "*)
    echo "The push refers to repository [${2%:*}]"
    case $DOCKER_PUSH in
      denied) complain 'denied: permission_denied: write_package' ;;
      breaks) complain 'error: connection reset by peer' ;;
      says) echo "${2##*:}: digest: $DOCKER_DIGEST size: 2841" ;;
    esac
    ;;
  *) complain "docker: unknown command: $*" ;;
esac
