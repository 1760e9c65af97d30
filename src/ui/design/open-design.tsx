export function openDesign(root: { render(node: unknown): void }): void {
  root.render(null);
}
