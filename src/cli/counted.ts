/** `1 alert`, `2 alerts`; `many` where that is no `s` behind. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
