#!/usr/bin/env bash
# Builds the worker's image for a rented GPU, and writes into it which commit it is of.
set -euo pipefail

readonly image=bulk-transcribe-worker

usage() {
  cat <<'HELP'
Builds the worker's image for linux/amd64 from this checkout, as bulk-transcribe-worker:TAG and bulk-transcribe-worker:COMMIT.

  ./scripts/build_worker.sh TAG        for example: ./scripts/build_worker.sh main-amd64

Environment, all of it optional:
  MODELS        models that the image is to hold, such as "large-v3"; otherwise a pod fetches its model when it first needs it
  BASE_DIGEST   sha256:… of the base image, to build on exactly that one
HELP
}

fail() {
  echo "build_worker: $1" >&2
  exit 1
}

if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  usage
  exit 0
fi
if [[ $# -ne 1 ]]; then
  usage >&2
  exit 1
fi
readonly tag=$1
[[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] ||
  fail "'$tag' is no tag. A tag is letters, digits, '.', '_' and '-', such as main-amd64."

cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v docker >/dev/null || fail "There is no docker on this computer. Install Docker, then run this again."
docker info >/dev/null 2>&1 || fail "Docker does not answer. Start it (and see that you may use it: docker info), then run this again."
docker buildx version >/dev/null 2>&1 ||
  fail "This docker cannot build with buildx. Install its plugin (docker-buildx-plugin or docker-buildx), then run this again."

commit=$(git rev-parse HEAD 2>/dev/null) || fail "This is no git checkout, so the image could not say which commit it is of."
# Seven digits, as the app shortens them when it says which commit it is of itself.
commit=${commit:0:7}
if [[ -n "$(git status --porcelain)" ]]; then
  commit+=-dirty
  echo "build_worker: there are changes that are not committed, so the image calls itself $commit. Commit them for one that can be built again." >&2
fi
build_time=$(date -u +%Y-%m-%dT%H:%M:%SZ)

arguments=(--build-arg "BUILD_COMMIT=$commit" --build-arg "BUILD_TIME=$build_time")
[[ -z "${MODELS:-}" ]] || arguments+=(--build-arg "MODELS=$MODELS")
[[ -z "${BASE_DIGEST:-}" ]] || arguments+=(--build-arg "BASE_DIGEST=$BASE_DIGEST")

# Without provenance the tag names the image itself, so that the digest that is pushed is the digest of what runs.
docker buildx build --platform linux/amd64 --provenance=false --load "${arguments[@]}" \
  --tag "$image:$tag" --tag "$image:$commit" worker-image ||
  fail "The image was not built; the lines above say why."

cat <<DONE

Built       $image:$tag
            $image:$commit
Commit      $commit
Build time  $build_time

Next: ./scripts/push_worker.sh $tag REGISTRY        for example: ./scripts/push_worker.sh $tag ghcr.io/lukefind
DONE
