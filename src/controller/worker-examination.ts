// Owns what can be wrong with one worker, in the order of the troubleshooting guide: each step with a code, what was found, and what to do.

import type { DoctorCheck, DoctorFinding, DoctorVerdict } from '../contract/doctor.ts';
import type { Settings } from '../contract/settings.ts';
import { lackSentence, lacks } from '../jobs/capability.ts';
import type { WorkerLink } from './worker-link.ts';

interface Around {
  readonly settings: Settings;
  /** Recordings in the queue that failed for want of memory. */
  readonly outOfMemory: number;
}

/** The findings about one worker; those that cannot be known yet are left out. */
export function examineWorker(link: WorkerLink, around: Around): DoctorFinding[] {
  const view = link.view();
  const subject = { id: link.id, name: link.name };
  const found = (check: DoctorCheck, verdict: DoctorVerdict, message: string, ...advice: string[]): DoctorFinding => ({
    ...{ check, subject, verdict, message },
    advice,
  });
  const findings: DoctorFinding[] = [];
  if (view.kind !== 'local') findings.push(address(view.url, found));

  const why = view.error?.message ?? view.detail ?? '';
  switch (view.health) {
    case 'ok':
      break;
    case 'unauthorized':
      return [
        ...findings,
        found('worker_reachable', 'ok', 'It answers.'),
        found(
          'worker_token',
          'failed',
          `It refuses the token. ${why}`.trim(),
          'Make WORKER_TOKEN on the worker and the token here exactly the same (REMOTE_WORKER_TOKEN, or the one of this worker).',
          'Look for spaces or line breaks around either of them.',
          'Start the worker anew after its token was changed.',
        ),
      ];
    case 'failed':
    case 'installing':
    case 'starting':
      return [
        found(
          'worker_reachable',
          view.health === 'failed' ? 'failed' : 'warning',
          why === '' ? `It is ${view.health}.` : why,
          ...(view.health === 'failed'
            ? ['Run "bulk-transcribe worker install", and look at worker.log in the data directory.']
            : []),
        ),
      ];
    case 'off':
    case 'connecting':
    case 'unreachable':
      return [
        ...findings,
        found(
          'worker_reachable',
          view.health === 'unreachable' ? 'failed' : 'warning',
          `It does not answer. ${why}`.trim(),
          'Wait one or two minutes after its pod was started.',
          'Check that the address is right, with the port 8477 in it.',
          'Check that the pod is in the state Running, and look at its log: WORKER_TOKEN must be set, and the image must be one that it may fetch.',
        ),
      ];
    default:
      view.health satisfies never;
  }
  findings.push(
    found('worker_reachable', 'ok', `It answers in ${Math.round(view.latencyMs ?? 0)} ms.`),
    found('worker_token', 'ok', 'It accepts the token.'),
    tunnel(link, found),
  );
  const { capabilities } = view;
  if (capabilities === null) return findings;
  const device = capabilities.gpuName ?? 'A GPU';
  findings.push(
    capabilities.gpu
      ? found(
          'worker_gpu',
          'ok',
          `${device}, CUDA ${capabilities.cuda ?? 'unknown'}, driver ${capabilities.driver ?? 'unknown'}.`,
        )
      : found(
          'worker_gpu',
          view.kind === 'local' ? 'ok' : 'warning',
          'It has no GPU and works on its processor.',
          ...(view.kind === 'local' ? [] : ['Start the pod with a GPU, and the image with access to it (--gpus all).']),
        ),
    memory(link, around, found),
    models(link, around, found),
    diarization(link, around, found),
    identity(link, found),
  );
  for (const warning of capabilities.warnings) findings.push(found('worker_gpu', 'warning', warning));
  return findings;
}

type Found = (check: DoctorCheck, verdict: DoctorVerdict, message: string, ...advice: string[]) => DoctorFinding;

function address(url: string | null, found: Found): DoctorFinding {
  if (url === null) return found('worker_address', 'skipped', 'It has no address now.');
  const { protocol, hostname } = new URL(url);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'http:' && !isHere
    ? found(
        'worker_address',
        'warning',
        `${url} is not encrypted: whoever is on the way can read the recordings and the token.`,
        'Use the https address of the pod.',
      )
    : found('worker_address', 'ok', url);
}

function tunnel(link: WorkerLink, found: Found): DoctorFinding {
  const { detail, tunnel: way } = link.view();
  if (link.ready) return found('worker_tunnel', 'ok', `It reaches recordings by ${way.kind ?? 'its tunnel'}.`);
  return found(
    'worker_tunnel',
    way.kind === null ? 'failed' : 'warning',
    detail ?? 'The way from the worker to this computer is not open.',
    'Set CONTROLLER_BASE_URL to an address at which the worker reaches this computer, if it is of a build without a tunnel.',
    'Check that the firewall before this computer lets that address in.',
    'Set SECRET_KEY if links are to stay good when the data directory is replaced.',
  );
}

function memory(link: WorkerLink, { settings, outOfMemory }: Around, found: Found): DoctorFinding {
  const lack =
    link.ping === null ? undefined : lacks(settings.jobDefaults, null, link.ping).find(({ kind }) => kind === 'memory');
  const advice = [
    'Use a GPU with more memory, or a smaller model.',
    'Split very long recordings.',
    'Turn off telling speakers apart for very long recordings.',
  ];
  if (lack !== undefined) return found('worker_memory', 'failed', lackSentence(link.name, lack), ...advice);
  if (outOfMemory > 0)
    return found(
      'worker_memory',
      'warning',
      `${outOfMemory} recordings in the queue failed for want of memory.`,
      ...advice,
    );
  const total = link.ping?.vramTotalMB ?? null;
  return found(
    'worker_memory',
    'ok',
    total === null ? 'It does not say how much it has.' : `${total} MB of GPU memory.`,
  );
}

function models(link: WorkerLink, { settings }: Around, found: Found): DoctorFinding {
  const offered = link.ping?.models ?? [];
  const { model } = settings.jobDefaults;
  if (offered.length === 0) return found('worker_models', 'warning', 'It names no models.');
  return offered.includes(model)
    ? found('worker_models', 'ok', offered.join(', '))
    : found(
        'worker_models',
        'warning',
        `It has no model "${model}", which the settings ask for. It has ${offered.join(', ')}.`,
        'Choose one of its models in the settings or for the drop, or use a worker that has it.',
      );
}

function diarization(link: WorkerLink, { settings }: Around, found: Found): DoctorFinding {
  if (link.ping?.diarization === true) return found('worker_diarization', 'ok', 'It can tell speakers apart.');
  const reason = link.ping?.diarizationReason ?? 'it does not say why.';
  if (link.ping?.diarizationChecking === true)
    return found('worker_diarization', 'warning', reason, 'It has just started: look again in a minute.');
  return found(
    'worker_diarization',
    settings.jobDefaults.diarize ? 'failed' : 'warning',
    `It cannot tell speakers apart: ${reason}`,
    'Set HF_TOKEN on the worker to a token that may read gated models.',
    'Accept the conditions of the pyannote models on their pages with the same account.',
  );
}

function identity(link: WorkerLink, found: Found): DoctorFinding {
  const { verdict, identity: reported } = link.view();
  if (verdict.matches === null)
    return found(
      'worker_identity',
      'skipped',
      `Nothing is expected of it. It reports commit ${reported?.gitCommit ?? 'none'}.`,
    );
  return verdict.matches
    ? found('worker_identity', 'ok', `It is the expected build: commit ${reported?.gitCommit ?? 'none'}.`)
    : found(
        'worker_identity',
        'warning',
        `It is of another build than expected: ${verdict.reason ?? ''}.`,
        'Adopt what it reports, if that is the build that you want; else start the pod with the right image.',
      );
}
