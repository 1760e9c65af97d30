// Owns the bar of find and replace under the tool bar. Enter goes to the next place, Shift and Enter back, Esc closes it.

import { useEffect, useRef } from 'react';
import { ToggleButton } from 'react-aria-components';
import { useApp, useAppState } from '../../app-context.ts';
import { Button, IconButton } from '../../components/button.tsx';
import type { Finding } from '../../state/editor-slice.ts';
import { t } from '../../strings/texts.ts';

const CHOICES = [
  { field: 'matchCase', sign: 'Aa' },
  { field: 'wholeWord', sign: 'W' },
  { field: 'regex', sign: '.*' },
] as const;

/** Nothing while nothing is looked for. */
export function FindBar() {
  const { tools } = useApp();
  const finding = useAppState((state) => state.editor.finding);
  const found = useAppState(tools.reading.found);
  const field = useRef<HTMLInputElement>(null);
  const isOpen = finding !== null;
  useEffect(() => {
    if (isOpen) field.current?.select();
  }, [isOpen]);
  if (finding === null) return null;
  const { editor } = tools;
  const change = (patch: Partial<Finding>): void => editor.patch({ finding: { ...finding, at: -1, ...patch } });
  const close = (): void => {
    editor.patch({ finding: null });
    document.querySelector<HTMLElement>('.turns')?.focus({ preventScroll: true });
  };
  const onKey = (event: React.KeyboardEvent, enter: () => void): void => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter') enter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className="findbar">
      <input
        ref={field}
        type="text"
        aria-label={t.findBar.find}
        placeholder={t.findBar.find}
        value={finding.text}
        spellCheck={false}
        onChange={({ target }) => change({ text: target.value })}
        onKeyDown={(event) => onKey(event, () => editor.findStep(event.shiftKey ? -1 : 1))}
      />
      <span className="toggles">
        {CHOICES.map(({ field: name, sign }) => (
          <ToggleButton
            key={name}
            className="btn small quiet"
            aria-label={t.findBar[name]}
            isSelected={finding[name]}
            onChange={(on) => change({ [name]: on })}
          >
            <span aria-hidden="true">{sign}</span>
          </ToggleButton>
        ))}
      </span>
      <output className={found.problem === null ? 'muted' : 'bad'}>
        {found.problem !== null
          ? t.findBar.problems[found.problem]
          : finding.text === ''
            ? ''
            : t.findBar.count(finding.at, found.hits.length)}
      </output>
      <IconButton icon="left" name={t.transcript.previous} onPress={() => editor.findStep(-1)} />
      <IconButton icon="right" name={t.transcript.next} onPress={() => editor.findStep(1)} />
      {finding.replacing ? (
        <>
          <input
            type="text"
            aria-label={t.findBar.replaceWith}
            placeholder={t.findBar.replaceWith}
            value={finding.replacement}
            spellCheck={false}
            onChange={({ target }) => change({ replacement: target.value, at: finding.at })}
            onKeyDown={(event) => onKey(event, () => void editor.replaceOne())}
          />
          <Button small isDisabled={found.hits.length === 0} onPress={() => void editor.replaceOne()}>
            {t.findBar.replaceOne}
          </Button>
          <Button small isDisabled={found.hits.length === 0} onPress={() => editor.patch({ sheet: 'replace' })}>
            {t.findBar.replaceAll}
          </Button>
        </>
      ) : (
        <Button small look="quiet" onPress={() => change({ replacing: true })}>
          {t.findBar.replaceMode}
        </Button>
      )}
      <span className="grow" />
      <IconButton icon="close" name={t.actions.close} onPress={close} />
    </search>
  );
}
