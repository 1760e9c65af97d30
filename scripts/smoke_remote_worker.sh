#!/usr/bin/env bash
# shellcheck disable=SC2016 # what stands in single quotes is JavaScript, and its ${…} are its own
# Asks a running worker everything that has to be right before recordings are sent to it, up to one real transcript through the tunnel.
set -euo pipefail

usage() {
  cat <<'HELP'
Tests a running worker: health, ping, preflight, and one real transcription through the tunnel. Exits with 0 only when all are right.

  export REMOTE_WORKER_URL=https://abc123-8477.proxy.runpod.net
  export REMOTE_WORKER_TOKEN=…
  ./scripts/smoke_remote_worker.sh

Environment, optional:
  SMOKE_MODEL             model of the transcription (else WORKER_MODEL, else one that the worker has loaded, else the worker's own)
  SMOKE_TIMEOUT_SECONDS   how long the transcription may take, 900 when not set: a first one fetches the model
  EXPECTED_WORKER_GIT_COMMIT, EXPECTED_WORKER_IMAGE_DIGEST   what the worker should be; a difference is a warning
HELP
}

fail() {
  echo "smoke_remote_worker: $1" >&2
  exit 1
}

if [[ "${1:-}" == --help || "${1:-}" == -h ]]; then
  usage
  exit 0
fi
if [[ $# -ne 0 ]]; then
  usage >&2
  exit 1
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ -n "${REMOTE_WORKER_URL:-}" ]] || fail "REMOTE_WORKER_URL is not set: the address of the worker, such as https://abc123-8477.proxy.runpod.net"
[[ -n "${REMOTE_WORKER_TOKEN:-}" ]] || fail "REMOTE_WORKER_TOKEN is not set: the WORKER_TOKEN that the worker was started with."
[[ "$REMOTE_WORKER_URL" =~ ^https?://[^[:space:]]+$ ]] || fail "REMOTE_WORKER_URL must begin with https:// and hold no spaces."
[[ ! "$REMOTE_WORKER_TOKEN" =~ [[:space:]] ]] || fail "REMOTE_WORKER_TOKEN holds white space. Copy it anew, without what stands around it."
readonly limit=${SMOKE_TIMEOUT_SECONDS:-900}
[[ $limit =~ ^[0-9]{1,5}$ ]] || fail "SMOKE_TIMEOUT_SECONDS must be a number of seconds."
for program in curl node; do
  command -v "$program" >/dev/null || fail "There is no $program on this computer. Install it, then run this again."
done
[[ -d "$root/node_modules" ]] || fail "The packages of this checkout are not installed yet. Run: npm ci"
readonly url=${REMOTE_WORKER_URL%/}

tmp=$(mktemp -d)
job=""
end() {
  if [[ -n $job ]]; then kill "$job" 2>/dev/null || true; fi
  rm -rf "$tmp"
}
trap end EXIT
trap 'exit 1' INT TERM

ok() { printf 'ok    %-10s %s\n' "$1" "$2"; }
warn() { printf 'warn  %-10s %s\n' "$1" "$2"; }
# Says what is wrong and what to do, and ends: each step needs the one before.
no() {
  printf 'FAIL  %-10s %s\n      %-10s %s\n\nThe smoke test failed: %s\n' "$1" "$2" "" "$3" "$url"
  exit 1
}

# Puts the answer into $tmp/answer and its status into `code`, 000 when none came. The token goes through a pipe, so that no list
# of processes shows it; redirects are not followed, so that it goes nowhere else.
code=000
get() {
  code=$(curl --silent --show-error --max-time "$2" --output "$tmp/answer" --write-out '%{http_code}' \
    --user-agent bulk-transcribe-smoke/1 --header 'Accept: application/json' \
    --header @<(if [[ "${3:-}" == token ]]; then printf 'Authorization: Bearer %s\n' "$REMOTE_WORKER_TOKEN"; fi) \
    "$url$1" 2>"$tmp/why") || code=000
}

# Runs a piece of JavaScript of this script over the answer, as `a`, and prints what it gives, without what could steer a terminal.
# Fails when the answer is no JSON object.
answer() {
  node -e '
    const a = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    if (a === null || typeof a !== "object") throw new Error("no object");
    const found = new Function("a", "return " + process.argv[2])(a);
    process.stdout.write(String(found ?? "").replace(/[^\P{C}\n]/gu, ""));
  ' "$tmp/answer" "$1" 2>/dev/null
}

echo "Testing $url"
if [[ $url == http://* && ! $url =~ ^http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$) ]]; then
  warn Address "The address is not https: the token and the recordings can be read on the way."
fi

get /health 20
case $code in
  200) ;;
  000) no Health "The worker does not answer: $(tail -n 1 "$tmp/why")" "Check that the pod is running and that the address ends in the right port; a new pod needs 1 to 2 minutes." ;;
  404) no Health "There is nothing at this address (404)." "Check the address: a pod that was made anew has a new one, and it names port 8477." ;;
  502 | 503 | 504 | 52?) no Health "The proxy reaches no worker ($code)." "Wait 1 to 2 minutes after the start of the pod, then look at the pod's log." ;;
  *) no Health "The answer was $code." "Check that the address is a worker's." ;;
esac
[[ "$(answer 'a.service')" == bulk-transcribe-worker ]] ||
  no Health "What answers there is no Bulk Transcribe worker." "Check the address and its port (8477)."
own_model=$(answer 'a.model')
ok Health "model $own_model, files up to $(answer 'a.maxFileMB') MB"

get /v1/ping 30 token
case $code in
  200) ;;
  401 | 403) no Ping "The worker refused the token ($code)." "Make WORKER_TOKEN on the worker and REMOTE_WORKER_TOKEN here the same, without spaces around them." ;;
  500) no Ping "$(answer 'a.error' || echo 'The worker failed inside (500).')" "Set WORKER_TOKEN in the pod's template and restart the pod." ;;
  *) no Ping "The answer was $code. $(tail -n 1 "$tmp/why")" "Look at the pod's log." ;;
esac
[[ "$(answer 'a.status')" == ok ]] || no Ping "The answer makes no sense." "Check that a proxy does not answer in the worker's place."
ok Ping "$(answer '`version ${a.version ?? "unknown"}, up to ${a.maxConcurrentJobs} at once, ${a.activeJobs} at work`')"
if [[ "$(answer 'a.gpu')" == true ]]; then
  ok GPU "$(answer '`${a.gpuName ?? "unnamed"}, CUDA ${a.cuda ?? "unknown"}${a.driver ? `, driver ${a.driver}` : ""}${a.vramTotalMB ? `, ${a.vramTotalMB} MB` : ""}`')"
else
  warn GPU "none: it computes on the processor$(answer 'a.deviceName ? ` (${a.deviceName})` : ""')"
fi
ok Models "$(answer '`${a.models.length}: ${a.models.slice(0, 6).join(", ")}${a.models.length > 6 ? ", …" : ""}; loaded: ${(a.loadedModels ?? []).join(", ") || "none yet"}`')"
ok Speakers "$(answer 'a.diarization ? "can be told apart" : `cannot be told apart${a.diarizationReason ? `: ${a.diarizationReason}` : ""}`')"
ok Identity "$(answer '`commit ${a.identity?.gitCommit ?? "unknown"}, built ${a.identity?.buildTime ?? "unknown"}, digest ${a.identity?.declaredImageDigest ?? "not declared"}`')"
while IFS= read -r warning; do
  if [[ -n $warning ]]; then warn Ping "$warning"; fi
done < <(answer '(a.warnings ?? []).join("\n")' && echo)
differs() {
  if [[ -n $2 && $2 != "$3" ]]; then warn Identity "$1: expected '$2', got '$3'"; fi
}
differs gitCommit "${EXPECTED_WORKER_GIT_COMMIT:-}" "$(answer 'a.identity?.gitCommit')"
differs imageDigest "${EXPECTED_WORKER_IMAGE_DIGEST:-}" "$(answer 'a.identity?.declaredImageDigest')"
tunnel=$(answer '(a.features ?? []).includes("tunnel")')
taken=$(answer 'a.tunnel?.connected === true')
model=${SMOKE_MODEL:-${WORKER_MODEL:-$(answer '(a.loadedModels ?? [])[0]')}}
model=${model:-${own_model:-large-v3}}
known=$(answer "(a.models ?? []).includes($(node -p 'JSON.stringify(process.argv[1])' "$model"))")
models=$(answer '(a.models ?? []).join(", ")')

get /v1/preflight 300 token
case $code in
  200) ;;
  404) no Preflight "This worker has no preflight (404)." "Rebuild and push its image, then restart the pod." ;;
  000 | 524) no Preflight "No answer came ($code). $(tail -n 1 "$tmp/why")" "Try again: a first preflight loads the model. Then look at the pod's log." ;;
  *) no Preflight "The answer was $code." "Look at the pod's log." ;;
esac
[[ "$(answer 'a.status')" == ok ]] ||
  no Preflight "$(answer 'Object.entries(a.errors ?? {}).map(([name, why]) => `${name}: ${why}`).join("; ")')" "The image or the driver of its machine does not fit: see Troubleshooting in docs/gpu-worker-runpod.md."
ok Preflight "$(answer 'Object.keys(a.checks ?? {}).join(", ")')"

[[ $tunnel == true ]] ||
  no Job "This worker has no tunnel: it is of an older kind." "Build and push its image anew. As it is, it needs CONTROLLER_BASE_URL, an address at which it reaches your app."
[[ $taken != true ]] ||
  no Job "Another app is connected to this worker, and it serves one at a time." "Close that app, or test from there: npx bulk-transcribe runtime"
[[ $known == true ]] ||
  no Job "The worker does not have the model '$model'." "Set SMOKE_MODEL to one of: $models"

# A queue of its own in a folder of its own, where no .env file is read: the person's own is left alone.
echo "      Job        transcribing the bundled recording with $model"
(
  cd "$tmp"
  exec env BULK_TRANSCRIBE_DATA_DIR="$tmp/data" REMOTE_WORKER_MODE=required REMOTE_WORKER_URL="$url" REMOTE_WORKER_TIMEOUT_SECONDS="$((limit < 60 ? 60 : limit))" \
    node "$root/scripts/bulk-transcribe.mjs" transcribe "$root/tests/small-whisper/demo/demo.wav" \
    --model "$model" --language en --formats srt,json --out "$tmp/out"
) >"$tmp/job" 2>&1 &
job=$!
began=$SECONDS
late=""
while kill -0 "$job" 2>/dev/null; do
  if ((SECONDS - began >= limit)) && [[ -z $late ]]; then
    late=yes
    kill "$job" || true
  fi
  # It stops by itself when asked to; it is not waited for forever.
  if ((SECONDS - began >= limit + 30)); then kill -9 "$job" || true; fi
  sleep 0.2
done
status=0
wait "$job" || status=$?
job=""
if [[ -n $late || $status -ne 0 ]]; then
  sed 's/^/                 /' "$tmp/job"
  [[ -z $late ]] || no Job "It was not done after $limit s." "Look at the pod's log; allow more with SMOKE_TIMEOUT_SECONDS where the model is fetched first."
  no Job "The recording was not transcribed." "The lines above say why; the pod's log says more."
fi
[[ -s "$tmp/out/demo.srt" && -s "$tmp/out/demo.json" ]] || no Job "The transcript was not written." "Look at the lines of the job: $(tail -n 1 "$tmp/job")"

# The bundled model was made for this recording and has to get it right; others meet a synthetic voice, and have to hear something.
if ! verdict=$(node --input-type=module -e '
  import { readFileSync } from "node:fs";
  import { pathToFileURL } from "node:url";
  const [root, out, model] = process.argv.slice(1);
  const { wordErrorRate } = await import(pathToFileURL(`${root}/tests/small-whisper/wer.mjs`).href);
  const read = (file) => JSON.parse(readFileSync(file, "utf8"));
  const heard = read(`${out}/demo.json`);
  const written = heard.text.trim();
  const lines = read(`${root}/tests/small-whisper/demo/demo.json`).lines;
  const said = lines.map((line) => line.text).join(" ");
  const rate = wordErrorRate(said, written);
  console.log(written === "" ? "the transcript is empty" : `${(rate * 100).toFixed(1)} % of the words differ from what was said`);
  const words = heard.segments.flatMap((segment) => segment.words ?? []);
  const inSpeech = ({ start, end }) => lines.some((line) => start >= line.start - 0.5 && end <= line.end + 0.5);
  console.log(words.filter((word) => !word.interpolated && inSpeech(word)).length);
  console.log(words.length);
  process.exitCode = written === "" || (model === "demo-en" && rate > 0.1) ? 1 : 0;
' "$root" "$tmp/out" "$model"); then
  no Job "It was transcribed, but ${verdict%%$'\n'*}." "Empty or wrong text on a GPU is mostly a driver too old for CUDA 12.8: rent a machine with a newer one."
fi
ok Job "$model, $((SECONDS - began)) s through the tunnel, ${verdict%%$'\n'*}"
{ read -r _ && read -r placed && read -r words; } <<<"$verdict"
if ((placed * 10 >= words * 8)); then
  ok Words "$placed of $words have times that lie where somebody speaks"
else
  warn Words "only $placed of $words have times that lie where somebody speaks: do not rely on this GPU for word times and subtitles by the word"
fi

printf '\nThe smoke test passed: %s\n' "$url"
