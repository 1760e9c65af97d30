// Owns the line that tells why the last thing asked for was refused: what happened, what was not lost, what to do.

import { useApp, useAppState } from '../app-context.ts';
import { t } from '../strings/texts.ts';
import { IconButton } from './button.tsx';
import { Icon } from './icon.tsx';

/** At the foot of the panel until it is closed or something succeeds. */
export function Notice() {
  const { store } = useApp();
  const notice = useAppState((state) => state.notice);
  if (notice === null) return null;
  return (
    <div className="notice" role="alert">
      <Icon name="fail" tone="bad" />
      <p>
        <b>{notice.what}</b> {notice.lost} {notice.todo}
      </p>
      <IconButton icon="close" name={t.actions.close} onPress={() => store.setState({ notice: null })} />
    </div>
  );
}
