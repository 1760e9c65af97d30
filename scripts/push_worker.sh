#!/usr/bin/env bash
# Pushes the worker's image under its tag and its commit, and prints what to copy: into the app, the pod, and a list of what can be gone back to.
set -euo pipefail

readonly image=bulk-transcribe-worker

usage() {
  cat <<'HELP'
Pushes bulk-transcribe-worker:TAG, as ./scripts/build_worker.sh TAG built it, and the same image under its commit.

  ./scripts/push_worker.sh TAG REGISTRY        for example: ./scripts/push_worker.sh main-amd64 ghcr.io/lukefind

Prints the digest, the reference to go back to, and the lines to copy into the app and the pod. Log in once before: docker login ghcr.io
HELP
}

fail() {
  echo "push_worker: $1" >&2
  exit 1
}

if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  usage
  exit 0
fi
if [[ $# -ne 2 ]]; then
  usage >&2
  exit 1
fi
readonly tag=$1
readonly registry=${2%/}
[[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] ||
  fail "'$tag' is no tag. A tag is letters, digits, '.', '_' and '-', such as main-amd64."
[[ $registry =~ ^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)*$ ]] ||
  fail "'$2' is no registry. It is a host and a name in small letters, without https://, such as ghcr.io/lukefind."

command -v docker >/dev/null || fail "There is no docker on this computer. Install Docker, then run this again."
docker info >/dev/null 2>&1 || fail "Docker does not answer. Start it (and see that you may use it: docker info), then run this again."

# What is known of an image is asked of the image: the checkout may have moved on since it was built.
about() {
  docker image inspect --format "$1" "$image:$tag"
}
platform=$(about '{{.Os}}/{{.Architecture}}' 2>/dev/null) ||
  fail "There is no image $image:$tag here. Build it first: ./scripts/build_worker.sh $tag"
[[ $platform == linux/amd64 ]] ||
  fail "The image $image:$tag is for $platform, and GPU machines are linux/amd64. Build it with ./scripts/build_worker.sh $tag"
commit=$(about '{{index .Config.Labels "org.opencontainers.image.revision"}}')
build_time=$(about '{{index .Config.Labels "org.opencontainers.image.created"}}')
[[ -n $commit && $commit != "<no value>" ]] ||
  fail "The image $image:$tag does not say which commit it is of. Build it with ./scripts/build_worker.sh $tag"
if [[ $commit == *-dirty ]]; then
  echo "push_worker: this image was built with changes that are not in commit ${commit%-dirty}; nobody can build it again." >&2
fi

readonly repository=$registry/$image

# Pushes one tag and leaves docker's words in `said`: they hold the digest, and the reason when it is refused.
said=""
log=$(mktemp)
trap 'rm -f "$log"' EXIT
push() {
  docker tag "$image:$tag" "$repository:$1"
  # To the eyes as well, because it takes minutes.
  local pushed=yes
  docker push "$repository:$1" 2>&1 | tee "$log" || pushed=no
  said=$(<"$log")
  if [[ $pushed == yes ]]; then return; fi
  if [[ $said == *denied* || $said == *nauthorized* || $said == *"authentication required"* || $said == *"no basic auth"* ]]; then
    # Docker Hub's names have no host before the first slash.
    local host=${registry%%/*}
    [[ $host == *.* || $host == *:* ]] || host=""
    fail "The registry did not let you in. Log in with: docker login${host:+ $host} (on ghcr.io with a token that may write packages), then run this again."
  fi
  fail "$repository:$1 was not pushed; the lines above say why."
}

push "$tag"
digest=""
if [[ $said =~ digest:\ (sha256:[0-9a-f]{64}) ]]; then
  digest=${BASH_REMATCH[1]}
else
  # Some versions of docker push without a word; what was pushed is then known to the image.
  while IFS= read -r known; do
    if [[ $known == "$repository@"* ]]; then digest=${known#*@}; fi
  done < <(about '{{range .RepoDigests}}{{println .}}{{end}}')
fi
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] ||
  fail "The image was pushed, but docker does not say under which digest. Look at: docker buildx imagetools inspect $repository:$tag"
if [[ $tag != "$commit" ]]; then push "$commit"; fi

cat <<DONE

Pushed      $repository:$tag
            $repository:$commit
Digest      $digest
Commit      $commit
Build time  $build_time

To go back to this image later, keep this line:
$repository@$digest

For the app (its .env or environment), to be told when a worker is of another build:
EXPECTED_WORKER_GIT_COMMIT=$commit
EXPECTED_WORKER_IMAGE_DIGEST=$digest

For the pod's template, so that the worker says which image it was started from:
IMAGE_DIGEST=$digest
DONE
