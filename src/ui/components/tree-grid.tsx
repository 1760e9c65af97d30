// Owns the parts of a tree grid that is drawn without table elements, because only the rows in sight are in the page.

interface LineProps {
  readonly index: number;
  /** The one line that Tab reaches. */
  readonly focusable: boolean;
  /** What a screen reader says of the line. */
  readonly name: string;
  readonly level: 1 | 2;
  readonly className: string;
  readonly expanded?: boolean;
  readonly chosen?: boolean;
  /** For tests and scripts: `data-…` without the prefix. */
  readonly marks?: Readonly<Record<string, string>>;
  /** Can be dragged to another place. */
  readonly movable?: boolean;
  readonly onReach: () => void;
  readonly onPress?: () => void;
  readonly onTwice?: () => void;
  readonly children: React.ReactNode;
}

/** One row. Keys are heard by the grid around it, so that there is one place that knows them. */
export function Line(props: LineProps) {
  const marks = Object.fromEntries(Object.entries(props.marks ?? {}).map(([key, value]) => [`data-${key}`, value]));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <tr> cannot stand outside of a table
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys for all its rows
    <div
      {...marks}
      className={props.className}
      role="row"
      aria-label={props.name}
      aria-level={props.level}
      aria-rowindex={props.index + 2}
      aria-expanded={props.expanded}
      aria-selected={props.chosen}
      data-row={props.index}
      tabIndex={props.focusable ? 0 : -1}
      draggable={props.movable}
      onFocus={props.onReach}
      onClick={props.onPress}
      onDoubleClick={props.onTwice}
    >
      {props.children}
    </div>
  );
}

interface CellProps {
  readonly className?: string;
  readonly title?: string;
  readonly children?: React.ReactNode;
}

/** One cell. It takes no focus itself: its row does, and the buttons in it. */
export function Cell({ className, title, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <td> cannot stand outside of a table
    // biome-ignore lint/a11y/useFocusableInteractive: the row has the focus, and the buttons in the cell
    <span role="gridcell" className={className} title={title}>
      {children}
    </span>
  );
}

/** A cell under the line of its row, as wide as the row. */
export function CellBelow({ className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <td> cannot stand outside of a table
    // biome-ignore lint/a11y/useFocusableInteractive: the row has the focus, and the buttons in the cell
    <div role="gridcell" className={className}>
      {children}
    </div>
  );
}

/** The head of a column. */
export function ColumnHead({ className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <th> cannot stand outside of a table
    // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
    <span role="columnheader" className={className}>
      {children}
    </span>
  );
}

/** The row of the columns' heads. */
export function HeadLine({ className, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <tr> cannot stand outside of a table
    // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
    <div className={className} role="row" aria-rowindex={1}>
      {children}
    </div>
  );
}
