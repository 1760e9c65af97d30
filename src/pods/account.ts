// Owns the account at the provider: which key is in force, how it stands with the provider by its last answers, and when it is asked again.

import type { ErrorReport } from '../contract/errors.ts';
import { AppError, toAppError } from '../contract/errors.ts';
import type { PodsSummary } from '../contract/pods.ts';
import type { Clock, Log, SecretStore } from '../controller/ports.ts';
import type { OpenProvider, PodProvider } from './provider.ts';
import { ProviderRefusal } from './provider.ts';

export const API_KEY_NAME = 'runpod-api-key';
export const HF_TOKEN_NAME = 'hf-token';

type AccountState = PodsSummary['account']['state'];

export interface AccountDeps {
  readonly secrets: SecretStore;
  readonly open: OpenProvider;
  /** RUNPOD_API_KEY and HF_TOKEN of the environment, which win over what was saved. */
  readonly apiKeyFromEnvironment: string | null;
  readonly hfTokenFromEnvironment: string | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

const STATE_OF: Partial<Record<ErrorReport['code'], AccountState>> = {
  PODS_KEY_REFUSED: 'refused',
  PODS_FORBIDDEN: 'forbidden',
  PODS_NO_BALANCE: 'no_balance',
  PODS_RATE_LIMITED: 'limited',
  PODS_UNREACHABLE: 'unreachable',
  PODS_PROTOCOL: 'unreachable',
};

export class Account {
  readonly #deps: AccountDeps;
  #provider: { readonly key: string; readonly provider: PodProvider } | null = null;
  #state: AccountState = 'unknown';
  #error: ErrorReport | null = null;
  #checkedAt: number | null = null;
  #retryAt: number | null = null;

  constructor(deps: AccountDeps) {
    this.#deps = deps;
  }

  get hasKey(): boolean {
    return this.#key() !== null;
  }

  get hfToken(): string | null {
    return this.#deps.hfTokenFromEnvironment ?? this.#deps.secrets.get(HF_TOKEN_NAME);
  }

  /** Not before this time does it make sense to ask, milliseconds since 1970; null = at once. */
  get retryAt(): number | null {
    return this.#retryAt;
  }

  view(): PodsSummary['account'] {
    return {
      state: this.hasKey ? this.#state : 'no_key',
      apiKeySaved: this.hasKey,
      hfTokenSaved: this.hfToken !== null,
      error: this.hasKey ? this.#error : null,
      checkedAt: this.#checkedAt,
      retryAt: this.#retryAt,
    };
  }

  /** The provider, for what needs no answer of it (addresses). Null without a key. */
  provider(): PodProvider | null {
    const key = this.#key();
    if (key === null) return null;
    if (this.#provider?.key !== key) {
      void this.#provider?.provider.close();
      this.#provider = { key, provider: this.#deps.open(key) };
    }
    return this.#provider.provider;
  }

  /**
   * Asks the provider, and remembers how it answered.
   * @throws AppError PODS_NO_KEY, or what the provider refuses with
   */
  async ask<Answer>(run: (provider: PodProvider) => Promise<Answer>): Promise<Answer> {
    const provider = this.provider();
    if (provider === null) throw new AppError('PODS_NO_KEY');
    try {
      const answer = await run(provider);
      this.#note('ok', null, null);
      return answer;
    } catch (thrown) {
      const error = toAppError(thrown, 'PODS_UNREACHABLE');
      const state = STATE_OF[error.code];
      const retryAfterMs = error instanceof ProviderRefusal ? error.retryAfterMs : null;
      const retryAt = retryAfterMs === null ? null : this.#deps.clock.now() + retryAfterMs;
      // A refusal about one pod says that the account is well.
      if (state === undefined) this.#note('ok', null, null);
      else this.#note(state, error.report(), retryAt);
      throw error;
    }
  }

  /** Saves or removes secrets; undefined leaves one as it is. */
  save(apiKey: string | null | undefined, hfToken: string | null | undefined): void {
    const { secrets } = this.#deps;
    for (const [name, value] of [
      [API_KEY_NAME, apiKey],
      [HF_TOKEN_NAME, hfToken],
    ] as const) {
      if (value === null) secrets.delete(name);
      else if (value !== undefined) secrets.set(name, value);
    }
    if (apiKey !== undefined) this.#note('unknown', null, null);
  }

  async close(): Promise<void> {
    await this.#provider?.provider.close();
  }

  #key(): string | null {
    return this.#deps.apiKeyFromEnvironment ?? this.#deps.secrets.get(API_KEY_NAME);
  }

  #note(state: AccountState, error: ErrorReport | null, retryAt: number | null): void {
    const changed = state !== this.#state || error?.message !== this.#error?.message;
    this.#checkedAt = state === 'unknown' ? null : this.#deps.clock.now();
    this.#retryAt = retryAt;
    this.#error = error;
    this.#state = state;
    if (!changed) return;
    this.#deps.log.info('pods_account', {
      state,
      ...(error === null ? {} : { code: error.code, message: error.message }),
    });
    this.#deps.onChange();
  }
}
