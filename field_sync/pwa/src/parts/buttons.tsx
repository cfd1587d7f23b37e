/** What can be pressed: the one big button of a screen, and lines that lead on. */

import type { ComponentChildren } from "preact";
import { type Place, write } from "../screens/places";
import { Icon, type IconName } from "./icons";

/** The next act. While it is on its way to the disk it cannot be pressed again. */
export function BigButton(props: {
  onPress?: () => void;
  children: ComponentChildren;
  busy?: boolean;
  disabled?: boolean;
  tone?: "main" | "careful";
  /** Belongs to a form, which it sends. */
  form?: string;
}) {
  const { onPress, children, busy = false, disabled = false, tone = "main", form } = props;
  return (
    <button
      type={form === undefined ? "button" : "submit"}
      form={form}
      class={`big ${tone}`}
      aria-busy={busy}
      disabled={busy || disabled}
      onClick={onPress}
    >
      {children}
    </button>
  );
}

/** A line that leads to another place. */
export function LineLink(props: { icon: IconName; to: Place; label: string; more?: string }) {
  return (
    <a class="line" href={write(props.to)}>
      <Icon name={props.icon} />
      <span>
        {props.label}
        {props.more && <small>{props.more}</small>}
      </span>
      <Icon name="go" />
    </a>
  );
}
