// Owns the fields of forms: text, number, choice, switch, tick boxes. Each has its label, its help, and its reason when it is refused.

import { useEffect, useState } from 'react';
import {
  Checkbox as AriaCheckbox,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  Button,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  TextArea,
} from 'react-aria-components';
import { Icon } from './icon.tsx';

interface FieldProps {
  readonly label: string;
  readonly about?: string;
  readonly disabled?: boolean;
  readonly problem?: string | null;
}

interface TextProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly secret?: boolean;
  readonly hint?: string;
  readonly width?: 'short' | 'long';
  readonly list?: string;
  readonly autoFocus?: boolean;
  readonly onBlur?: () => void;
  readonly onEnter?: () => void;
}

/** A line of text. */
export function TextField(props: TextProps) {
  const { label, about, disabled = false, problem = null, value, onChange, secret = false } = props;
  return (
    <AriaTextField
      className={`field ${props.width ?? 'long'}`}
      value={value}
      onChange={onChange}
      isDisabled={disabled}
      isInvalid={problem !== null}
      type={secret ? 'password' : 'text'}
      {...(props.autoFocus === true ? { autoFocus: true } : {})}
      {...(props.onBlur === undefined ? {} : { onBlur: props.onBlur })}
    >
      <Label>{label}</Label>
      <Input
        {...(props.hint === undefined ? {} : { placeholder: props.hint })}
        {...(props.list === undefined ? {} : { list: props.list })}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={(event) => {
          if (event.key === 'Enter') props.onEnter?.();
        }}
      />
      {about !== undefined && (
        <Text slot="description" className="about">
          {about}
        </Text>
      )}
      <FieldError className="problem">{problem}</FieldError>
    </AriaTextField>
  );
}

/** Several lines of text. */
export function TextBox({
  label,
  about,
  problem = null,
  value,
  onChange,
}: FieldProps & { value: string; onChange: (value: string) => void }) {
  return (
    <AriaTextField className="field long" value={value} onChange={onChange} isInvalid={problem !== null} autoFocus>
      <Label>{label}</Label>
      <TextArea rows={6} spellCheck={false} />
      {about !== undefined && (
        <Text slot="description" className="about">
          {about}
        </Text>
      )}
      <FieldError className="problem">{problem}</FieldError>
    </AriaTextField>
  );
}

/** A line of text that is kept when it is left or Enter is pressed, and put back where keeping is refused. */
export function KeptField({
  value,
  onKeep,
  check,
  ...rest
}: Omit<TextProps, 'onChange' | 'problem'> & {
  readonly onKeep: (value: string) => void;
  readonly check?: (value: string) => string | null;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const problem = check?.(draft) ?? null;
  const keep = (): void => {
    if (draft !== value && problem === null) onKeep(draft);
  };
  return <TextField {...rest} value={draft} onChange={setDraft} problem={problem} onBlur={keep} onEnter={keep} />;
}

/** One of a few. */
export function Choice<Key extends string>(
  props: FieldProps & { value: Key; options: readonly { key: Key; text: string }[]; onChange: (key: Key) => void },
) {
  const { label, about, disabled = false, value, options, onChange } = props;
  return (
    <Select
      className="field long"
      value={value}
      isDisabled={disabled}
      onChange={(key) => {
        const chosen = options.find((option) => option.key === key);
        if (chosen !== undefined) onChange(chosen.key);
      }}
    >
      <Label>{label}</Label>
      <Button className="select">
        <SelectValue />
        <Icon name="down" />
      </Button>
      {about !== undefined && (
        <Text slot="description" className="about">
          {about}
        </Text>
      )}
      <Popover className="menu" offset={4}>
        <ListBox items={options.map((option) => ({ id: option.key, text: option.text }))}>
          {(option) => (
            <ListBoxItem className="option" textValue={option.text}>
              {option.text}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** On or off, at once. */
export function Switch({
  label,
  about,
  disabled = false,
  on,
  onChange,
}: FieldProps & { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <div className="field switchfield">
      <AriaSwitch className="switch" isSelected={on} isDisabled={disabled} onChange={onChange}>
        <span className="label">{label}</span>
        <i className="track" />
      </AriaSwitch>
      {about !== undefined && <span className="about">{about}</span>}
    </div>
  );
}

/** One tick box of a group. */
export function Tick({
  label,
  disabled = false,
  on,
  onChange,
}: FieldProps & { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <AriaCheckbox className="tick" isSelected={on} isDisabled={disabled} onChange={onChange}>
      <i className="box">
        <Icon name="check" />
      </i>
      {label}
    </AriaCheckbox>
  );
}
