// Owns the commands `pods …`: rented machines from the command line, over the engine that runs or one of the command's own.

import { createInterface } from 'node:readline';
import type { ApiParams, AppApi } from '../../contract/api.ts';
import { AppError, explain } from '../../contract/errors.ts';
import type { PodAction, PodView } from '../../contract/pods.ts';
import { podCloudSchema } from '../../contract/pods.ts';
import type { GlobalOptions } from './engine-access.ts';
import { accessEngine } from './engine-access.ts';
import { actionLine, planLines, podLine, priceLines, spendingLines, summaryLine } from './pod-lines.ts';
import { whenPods } from './pod-wait.ts';

/** Exit codes: done; refused or failed; listed, and there are pods that nobody here knows; stopped by the person. */
const EXIT = { done: 0, failed: 1, found: 3, interrupted: 130 } as const;

interface Choice extends GlobalOptions {
  readonly gpu?: string[];
  readonly cloud?: string;
  /** False with --no-wait. */
  readonly wait?: boolean;
}

/** Prints what is rented, asked of the provider now. */
export function listPods(options: GlobalOptions): Promise<number> {
  return withPods(options, async (api) => {
    const { pods, summary } = await api.call('checkPods', {});
    if (options.json) print(JSON.stringify({ pods, summary }));
    else for (const line of [...pods.map(podLine), summaryLine(summary)]) print(line);
    const { error } = summary.account;
    if (error !== null || summary.account.state === 'no_key') {
      complain(new AppError(error?.code ?? 'PODS_NO_KEY', error?.message));
      return EXIT.failed;
    }
    return summary.found > 0 ? EXIT.found : EXIT.done;
  });
}

/** Prints the GPUs on offer with what this queue would cost on each. */
export function podPrices(options: Choice): Promise<number> {
  return withPods(options, async (api) => {
    const prices = await api.call('podPrices', { cloud: cloudOf(options) });
    if (options.json) print(JSON.stringify(prices));
    else for (const line of priceLines(prices)) print(line);
    return EXIT.done;
  });
}

/** Starts one pod, and waits until its worker answers. */
export function startPod(options: Choice): Promise<number> {
  return withPods(options, async (api) => {
    const pod = await api.call('startPod', { gpuIds: options.gpu, cloud: cloudOf(options) });
    const ended = await whenPods(
      api,
      [pod.id],
      ({ state, providerId }) =>
        options.wait === false ? providerId !== null || isOver(state) : state === 'ready' || isOver(state),
      (seen) => tell(options, seen),
    );
    return ended === null ? EXIT.interrupted : worst(ended);
  });
}

/** Runs everything that waits, on as many pods as price and deadline ask for; waits until all of them are ended. */
export function runPods(
  options: Choice & { readonly max?: number; readonly deadline?: number; readonly dryRun?: boolean },
): Promise<number> {
  const params: ApiParams<'runPods'> = {
    ...{ maxPods: options.max, deadlineHours: options.deadline, gpuIds: options.gpu, cloud: cloudOf(options) },
    dryRun: options.dryRun ?? false,
  };
  return withPods(
    options,
    async (api) => {
      const { plan, pods } = await api.call('runPods', params);
      if (options.json) print(JSON.stringify({ plan, pods }));
      else for (const line of planLines(plan)) print(line);
      if (pods.length === 0) return EXIT.done;
      const ended = await whenPods(
        api,
        pods.map(({ id }) => id),
        ({ state, providerId }) => isOver(state) || (options.wait === false && providerId !== null),
        (seen) => tell(options, seen),
      );
      return ended === null ? EXIT.interrupted : worst(ended);
    },
    'work',
  );
}

/** Does one thing with one pod, which is named by its id, its name, or RunPod's id. */
export function changePod(action: PodAction): (id: string, options: GlobalOptions) => Promise<number> {
  return (id, options) =>
    withPods(options, async (api) => {
      const { pods } = await api.call('checkPods', {});
      const pod = await api.call('changePod', { id: named(pods, id).id, action });
      if (options.json) print(JSON.stringify(pod));
      else print(actionLine(pod));
      return EXIT.done;
    });
}

/** Prints the last lines of a pod's log. */
export function podLog(id: string, options: GlobalOptions): Promise<number> {
  return withPods(options, async (api) => {
    const { pods } = await api.call('checkPods', {});
    const { lines } = await api.call('podLog', { id: named(pods, id).id });
    for (const line of lines) print(options.json ? JSON.stringify(line) : `${line.at} ${line.source} ${line.line}`);
    return EXIT.done;
  });
}

/** Prints what was spent. */
export function podSpending(options: GlobalOptions & { readonly days?: number }): Promise<number> {
  return withPods(options, async (api) => {
    const spending = await api.call('podSpending', { days: options.days ?? 30 });
    if (options.json) print(JSON.stringify(spending));
    else for (const line of spendingLines(spending)) print(line);
    return EXIT.done;
  });
}

/** Keeps a secret that comes on standard input, for on the command line everybody could read it. An empty line removes it. */
export function podSecret(which: 'apiKey' | 'hfToken'): (options: GlobalOptions) => Promise<number> {
  return (options) =>
    withPods(options, async (api) => {
      if (process.stdin.isTTY) process.stderr.write('Paste it and press return: ');
      const secret = await firstLine();
      const { account } = await api.call('savePodSecrets', { [which]: secret === '' ? null : secret });
      print(options.json ? JSON.stringify(account) : secret === '' ? 'It was removed.' : 'It is kept.');
      if (which === 'hfToken' || account.error === null) return EXIT.done;
      complain(new AppError(account.error.code, account.error.message));
      return EXIT.failed;
    });
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line.trim();
  return '';
}

async function withPods(
  options: GlobalOptions,
  use: (api: AppApi) => Promise<number>,
  duty: 'pods' | 'work' = 'pods',
): Promise<number> {
  const access = await accessEngine(options, duty);
  try {
    return await use(access.api);
  } finally {
    await access.close();
  }
}

function cloudOf({ cloud }: Choice): 'SECURE' | 'COMMUNITY' | undefined {
  const parsed = podCloudSchema.optional().safeParse(cloud?.toUpperCase());
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_REQUEST', `"${cloud}" is none of secure, community.`);
}

function named(pods: readonly PodView[], word: string): PodView {
  const found = pods.filter(({ id, name, providerId }) => id === word || name === word || providerId === word);
  const [pod] = found;
  if (pod === undefined) throw new AppError('NOT_FOUND', `There is no pod "${word}".`);
  return pod;
}

function isOver(state: PodView['state']): boolean {
  return state === 'ended' || state === 'failed';
}

function tell(options: GlobalOptions, pod: PodView): void {
  print(options.json ? JSON.stringify(pod) : podLine(pod));
}

/** A pod that came to nothing is a failure; one that did its work and was ended is none. */
function worst(pods: readonly PodView[]): number {
  const failed = pods.filter(
    ({ state, readyAt, trouble }) =>
      state === 'failed' || (state === 'ended' && (readyAt === null || trouble !== null)),
  );
  for (const { trouble } of failed) if (trouble !== null) complain(new AppError(trouble.code, trouble.message));
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(error: AppError): void {
  const { what, lost, todo } = explain(error.report());
  process.stderr.write(`${what}\n${lost} ${todo}\n`);
}
