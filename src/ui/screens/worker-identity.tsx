// Owns a worker's identity: expected, reported, and whether they match, for commit, image and build time.

import type { WorkerView } from '../../contract/worker-view.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { buildTime, moment, shortHash } from '../format.ts';
import { differences } from '../state/workers-slice.ts';
import { t } from '../strings/texts.ts';

/** One line where it matches or nothing is expected; the table where it differs. */
export function Identity({ worker }: { worker: WorkerView }) {
  const { identity, verdict } = worker;
  if (identity === null && verdict.matches === null) return null;
  if (verdict.matches === true && identity !== null) {
    return (
      <details className="ident">
        <summary>
          <Icon name="done" tone="good" />
          <span className="cut">
            {t.workers.identityMatches}{' '}
            <code>{shortHash(identity.gitCommit ?? identity.declaredImageDigest ?? '')}</code>
          </span>
          <Icon name="down" tone="faint" />
        </summary>
        <IdentityTable worker={worker} />
      </details>
    );
  }
  if (verdict.matches === null) {
    const told = identity !== null && (identity.gitCommit !== null || identity.declaredImageDigest !== null);
    return (
      <details className="ident">
        <summary>
          <Icon name="dash" tone="faint" />
          <span className="cut">{told ? t.workers.identityUnset : t.workers.identityUntold}</span>
          <Icon name="down" tone="faint" />
        </summary>
        <IdentityTable worker={worker} />
      </details>
    );
  }
  return (
    <div className="idt">
      <IdentityTable worker={worker} />
    </div>
  );
}

interface Field {
  readonly name: string;
  readonly expected: string | null;
  readonly got: string | null;
  readonly differs: boolean;
  readonly compared: boolean;
  readonly note: string;
}

function IdentityTable({ worker }: { worker: WorkerView }) {
  const { commands, store, now } = useApp();
  const { identity, expectedIdentity, mismatchSince } = worker;
  const differing = new Set(differences(worker).map(({ field }) => field));
  const declared = identity?.imageDigestSource === 'env' ? t.workers.declared : '';
  const fields: Field[] = [
    field(
      t.workers.commit,
      expectedIdentity?.gitCommit ?? null,
      identity?.gitCommit ?? null,
      differing.has('gitCommit'),
      '',
    ),
    field(
      t.workers.image,
      expectedIdentity?.imageDigest ?? null,
      identity?.declaredImageDigest ?? null,
      differing.has('imageDigest'),
      declared,
    ),
    {
      name: t.workers.built,
      expected: null,
      got: identity?.buildTime ?? null,
      differs: false,
      compared: false,
      note: '',
    },
  ];
  const says = (each: Field): string => {
    if (!each.compared) return t.workers.notCompared + each.note;
    if (!each.differs) return t.workers.same + each.note;
    const since = mismatchSince === null ? t.workers.differs : t.workers.differsSince(moment(mismatchSince, now()));
    return since + each.note;
  };
  const differs = differing.size > 0 || worker.verdict.matches === false;
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.workers.identity}</th>
            <th scope="col">{t.workers.expected}</th>
            <th scope="col">{t.workers.reported}</th>
            <th scope="col">
              <span className="said">{t.mismatch.got}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map((each) => (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td>
                {each.expected === null ? (
                  <i>{t.workers.notSet}</i>
                ) : (
                  <code title={each.expected}>{shortHash(each.expected)}</code>
                )}
              </td>
              <td className={each.differs ? 'warn' : ''}>
                {each.got === null ? <i>{t.workers.notTold}</i> : <code title={each.got}>{shown(each)}</code>}
              </td>
              <td className={each.differs ? 'warn' : 'muted'}>{says(each)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {worker.expectedFrom !== 'environment' && (
        <div className="acts">
          {worker.verdict.matches !== true && identity !== null && (
            <Button small onPress={() => void commands.adopt(worker.id)}>
              {t.actions.adoptReported}
            </Button>
          )}
          <Button small onPress={() => store.setState({ dialog: { kind: 'paste-expected', id: worker.id } })}>
            {t.actions.pasteExpected}
          </Button>
          {differs && <span>{t.workers.jobsGoOn}</span>}
        </div>
      )}
      {worker.expectedFrom === 'environment' && <p className="acts">{t.workers.expectedByEnvironment}</p>}
    </>
  );
}

function field(name: string, expected: string | null, got: string | null, differs: boolean, note: string): Field {
  return { name, expected, got, differs, compared: expected !== null, note: got === null ? '' : note };
}

function shown({ name, got }: Field): string {
  if (got === null) return '';
  return name === t.workers.built ? buildTime(got) : shortHash(got);
}
