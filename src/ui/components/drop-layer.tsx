// Owns drops anywhere in the window, and the layer that says what a drop will do while something is held over it.

import { useEffect, useState } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { readDrop } from '../state/drop.ts';
import { t } from '../strings/texts.ts';
import { Icon } from './icon.tsx';
import { optionsInWords, outputsInWords } from './options-words.ts';
import { worksOn } from './works-on.ts';

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;

/** Listens on the whole window; draws only while files are held over it. */
export function DropLayer() {
  const { client, commands, store } = useApp();
  const [items, setItems] = useState<number | null>(null);

  useEffect(() => {
    // Entering a child tells of leaving its parent as well, so the layer goes by depth.
    let depth = 0;
    const leave = (): void => {
      depth = 0;
      setItems(null);
    };
    const enter = (event: DragEvent): void => {
      if (!holdsFiles(event) || store.getState().dialog.kind !== 'none') return;
      event.preventDefault();
      depth += 1;
      setItems(event.dataTransfer?.items.length ?? 0);
    };
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
    };
    const exit = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      depth -= 1;
      if (depth <= 0) leave();
    };
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      leave();
      const { altKey } = event;
      void readDrop(event.dataTransfer, client.desktop).then((groups) => {
        if (altKey && groups.length > 0) store.setState({ dialog: { kind: 'options', groups } });
        else void commands.add(groups);
      });
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', exit);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', exit);
      window.removeEventListener('drop', drop);
    };
  }, [client, commands, store]);

  return items === null ? null : <Layer items={items} />;
}

function Layer({ items }: { items: number }) {
  const settings = useAppState((state) => state.settings);
  const workers = useAppState((state) => state.workers);
  const { client } = useApp();
  const options = settings?.settings.jobDefaults;
  const place = worksOn(workers);
  return (
    <div className="over">
      <section className="drop" aria-label={t.drop.title}>
        <div className="head">
          <span className="badge">{items > 0 ? items : <Icon name="intake" />}</span>
          <div>
            <h2>{t.drop.title}</h2>
            <p>{items > 0 ? t.drop.items(items) : t.drop.unknown}</p>
          </div>
        </div>
        <dl>
          {options !== undefined && (
            <>
              <dt>{t.drop.model}</dt>
              <dd>{optionsInWords(options)}</dd>
              <dt>{t.drop.outputs}</dt>
              <dd>{outputsInWords(options, client.desktop !== null)}</dd>
            </>
          )}
          <dt>{t.drop.works}</dt>
          <dd>{place.words}</dd>
          <dt>{t.drop.leaves}</dt>
          <dd>{place.leaves ? t.drop.leavesSound : t.drop.leavesNothing}</dd>
        </dl>
        <p className="small">{t.drop.optionsFirst}</p>
      </section>
    </div>
  );
}
