// Owns the error codes of rented GPUs, `PODS_*` of the account and the provider, `POD_*` of one pod, with the sentences a person reads. They are
// part of the closed list in errors.ts.

import { type ErrorAdvice, NOTHING_LOST, STAYS_IN_QUEUE } from './error-advice.ts';

export const POD_ERROR_ADVICE = {
  PODS_NO_KEY: {
    what: 'No RunPod API key was entered.',
    lost: NOTHING_LOST,
    todo: 'Create one in the RunPod console under Settings, API Keys, with permission for pods, and enter it here.',
  },
  PODS_KEY_REFUSED: {
    what: 'RunPod no longer accepts the API key.',
    lost: 'Nothing was lost. Running pods keep working and costing money; they end automatically when idle.',
    todo: 'Enter a new key. Until then a pod can only be ended in the RunPod console.',
  },
  PODS_FORBIDDEN: {
    what: 'The API key lacks the permission for that.',
    lost: NOTHING_LOST,
    todo: 'Give the key permission to read and write pods, or enter one that has it.',
  },
  PODS_NO_BALANCE: {
    what: 'The balance at RunPod is too low.',
    lost: STAYS_IN_QUEUE,
    todo: 'Add credit for at least an hour in the RunPod console, then start again. At a zero balance RunPod ends running pods.',
  },
  PODS_NO_CAPACITY: {
    what: 'RunPod has none of these GPUs available right now.',
    lost: STAYS_IN_QUEUE,
    todo: 'Choose other GPUs or the other cloud, or try again in a few minutes.',
  },
  PODS_REQUEST_WRONG: {
    what: 'RunPod rejected the request.',
    lost: NOTHING_LOST,
    todo: 'Read what RunPod said, then correct image, disk, CUDA version or data centers in the settings.',
  },
  PODS_GONE: {
    what: 'RunPod no longer has this pod.',
    lost: STAYS_IN_QUEUE,
    todo: 'Start another one. Check your RunPod balance: at zero it ends pods.',
  },
  PODS_CONFLICT: {
    what: 'RunPod cannot do that in the pod’s current state.',
    lost: NOTHING_LOST,
    todo: 'Wait until it has started or stopped, then try again.',
  },
  PODS_RATE_LIMITED: {
    what: 'RunPod was asked too often.',
    lost: NOTHING_LOST,
    todo: 'Nothing: it is asked again when RunPod allows it.',
  },
  PODS_UNREACHABLE: {
    what: 'RunPod does not answer.',
    lost: 'Nothing was lost. Running pods keep working and costing money.',
    todo: 'Check the network. It is retried automatically; a pod made meanwhile is found by its name.',
  },
  PODS_UNCONFIRMED: {
    what: 'RunPod never confirmed the start, and no such pod is there.',
    lost: STAYS_IN_QUEUE,
    todo: 'Start again. Should the pod appear later, it is shown here and ends automatically when idle.',
  },
  PODS_PROTOCOL: {
    what: 'RunPod gave an answer that this version does not understand.',
    lost: 'Nothing was lost. Running pods keep working and costing money.',
    todo: 'Check your pods in the RunPod console, and update the app.',
  },
  PODS_NO_IMAGE: {
    what: 'No image for the worker was chosen.',
    lost: NOTHING_LOST,
    todo: 'Build and push one (docs/gpu-worker-runpod.md, step 1) and paste what push_worker.sh printed into the settings.',
  },
  POD_CAP_REACHED: {
    what: 'The cap on spending is reached.',
    lost: STAYS_IN_QUEUE,
    todo: 'Raise the cap, or continue tomorrow.',
  },
  POD_BOOT_TIMEOUT: {
    what: 'The worker did not answer in time, so the pod was ended.',
    lost: STAYS_IN_QUEUE,
    todo: 'Read the cause and the log, then start again; a large image may need more minutes on its first start.',
  },
  POD_NO_GPU: {
    what: 'The pod has no GPU.',
    lost: STAYS_IN_QUEUE,
    todo: 'Its machine was rented to someone else while it was stopped. End it and start another one.',
  },
  POD_EXITED: {
    what: 'The pod stopped on its own.',
    lost: STAYS_IN_QUEUE,
    todo: 'Look at its log. Start it again, or end it.',
  },
} as const satisfies Record<string, ErrorAdvice>;
