// Owns what every group of settings shares: its frame, and knowing what the environment holds.

/** Whether a setting is held by the environment: by its own name or by that of the group it is in. */
export function isHeld(fromEnvironment: readonly string[], name: string): boolean {
  return fromEnvironment.some((held) => held === name || name.startsWith(`${held}.`));
}

/** A titled group of fields. */
export function Section({ title, about, children }: { title: string; about?: string; children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {about !== undefined && <p className="muted">{about}</p>}
      <div className="fields">{children}</div>
    </section>
  );
}
