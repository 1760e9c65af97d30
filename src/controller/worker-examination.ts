// Owns what can be wrong with one worker, in the order of the troubleshooting guide: each step with a code, what was found, and what to do.

import type { DoctorCheck, DoctorFinding, DoctorVerdict } from '../contract/doctor.ts';
import { PHRASES, quoted, type Sentence, say } from '../contract/sentences.ts';
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
  const found = (
    check: DoctorCheck,
    verdict: DoctorVerdict,
    message: Sentence,
    ...advice: Sentence[]
  ): DoctorFinding => ({
    ...{ check, subject, verdict, message },
    advice,
  });
  const findings: DoctorFinding[] = [];
  if (view.kind !== 'local') findings.push(address(view.url, found));

  const reason = view.error?.message ?? view.detail ?? '';
  switch (view.health) {
    case 'ok':
      break;
    case 'unauthorized':
      return [
        ...findings,
        found('worker_reachable', 'ok', say('answers')),
        found(
          'worker_token',
          'failed',
          reason === '' ? say('token_refused') : say('token_refused_why', { reason }),
          say('token_same'),
          say('token_spaces'),
          say('token_restart'),
        ),
      ];
    case 'failed':
    case 'installing':
    case 'starting':
      return [
        found(
          'worker_reachable',
          view.health === 'failed' ? 'failed' : 'warning',
          // What the installer says last means nothing by itself.
          reason === '' || view.health !== 'failed' ? say(`worker_${view.health}`) : quoted(reason),
          ...(view.health === 'failed' ? [say('worker_failed_todo')] : []),
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
          reason === '' ? say('silent') : say('silent_why', { reason }),
          say('silent_wait'),
          say('silent_port'),
          say('silent_pod'),
        ),
      ];
    default:
      view.health satisfies never;
  }
  findings.push(
    found('worker_reachable', 'ok', say('answers_in', { milliseconds: Math.round(view.latencyMs ?? 0) })),
    found('worker_token', 'ok', say('token_accepted')),
    tunnel(link, found),
  );
  const { capabilities } = view;
  if (capabilities === null) return findings;
  const device = capabilities.gpuName ?? PHRASES.a_gpu;
  findings.push(
    capabilities.gpu
      ? found(
          'worker_gpu',
          'ok',
          say('gpu_is', {
            gpu: device,
            cuda: capabilities.cuda ?? PHRASES.unknown,
            driver: capabilities.driver ?? PHRASES.unknown,
          }),
        )
      : found(
          'worker_gpu',
          view.kind === 'local' ? 'ok' : 'warning',
          say('gpu_none'),
          ...(view.kind === 'local' ? [] : [say('gpu_none_todo')]),
        ),
    memory(link, around, found),
    models(link, around, found),
    diarization(link, around, found),
    identity(link, found),
  );
  for (const warning of capabilities.warnings) findings.push(found('worker_gpu', 'warning', quoted(warning)));
  return findings;
}

type Found = (check: DoctorCheck, verdict: DoctorVerdict, message: Sentence, ...advice: Sentence[]) => DoctorFinding;

function address(url: string | null, found: Found): DoctorFinding {
  if (url === null) return found('worker_address', 'skipped', say('address_none'));
  const { protocol, hostname } = new URL(url);
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'http:' && !isHere
    ? found('worker_address', 'warning', say('address_plain', { url }), say('address_plain_todo'))
    : found('worker_address', 'ok', quoted(url));
}

function tunnel(link: WorkerLink, found: Found): DoctorFinding {
  const { detail, tunnel: way } = link.view();
  if (link.ready) return found('worker_tunnel', 'ok', say(`reaches_${way.kind ?? 'worker'}`));
  return found(
    'worker_tunnel',
    way.kind === null ? 'failed' : 'warning',
    detail === null ? say('way_closed') : quoted(detail),
    say('way_base'),
    say('way_firewall'),
    say('way_secret'),
  );
}

function memory(link: WorkerLink, { settings, outOfMemory }: Around, found: Found): DoctorFinding {
  const lack =
    link.ping === null ? undefined : lacks(settings.jobDefaults, null, link.ping).find(({ kind }) => kind === 'memory');
  const advice = [say('memory_model'), say('memory_split'), say('memory_speakers')];
  if (lack !== undefined) return found('worker_memory', 'failed', lackSentence(link.name, lack), ...advice);
  if (outOfMemory > 0)
    return found(
      'worker_memory',
      'warning',
      outOfMemory === 1 ? say('memory_failed_one') : say('memory_failed', { count: outOfMemory }),
      ...advice,
    );
  const total = link.ping?.vramTotalMB ?? null;
  return found('worker_memory', 'ok', total === null ? say('memory_unknown') : say('memory_is', { megabytes: total }));
}

function models(link: WorkerLink, { settings }: Around, found: Found): DoctorFinding {
  const offered = link.ping?.models ?? [];
  const { model } = settings.jobDefaults;
  if (offered.length === 0) return found('worker_models', 'warning', say('models_unnamed'));
  return offered.includes(model)
    ? found('worker_models', 'ok', quoted(offered.join(', ')))
    : found(
        'worker_models',
        'warning',
        say('models_other', { model, models: offered.join(', ') }),
        say('models_other_todo'),
      );
}

function diarization(link: WorkerLink, { settings }: Around, found: Found): DoctorFinding {
  if (link.ping?.diarization === true) return found('worker_diarization', 'ok', say('speakers_yes'));
  const reason = link.ping?.diarizationReason ?? null;
  if (link.ping?.diarizationChecking === true)
    return found(
      'worker_diarization',
      'warning',
      reason === null ? say('speakers_trying') : quoted(reason),
      say('speakers_trying_todo'),
    );
  return found(
    'worker_diarization',
    settings.jobDefaults.diarize ? 'failed' : 'warning',
    reason === null ? say('speakers_no') : say('speakers_no_why', { reason }),
    say('speakers_token'),
    say('speakers_conditions'),
  );
}

function identity(link: WorkerLink, found: Found): DoctorFinding {
  const { verdict, identity: reported } = link.view();
  const commit = reported?.gitCommit ?? PHRASES.none;
  if (verdict.matches === null) return found('worker_identity', 'skipped', say('identity_unasked', { commit }));
  return verdict.matches
    ? found('worker_identity', 'ok', say('identity_same', { commit }))
    : found(
        'worker_identity',
        'warning',
        say('identity_differs', { difference: verdict.reason ?? '' }),
        say('identity_differs_todo'),
      );
}
