/**
 * Where the value of an option comes from when it is not on the command line:
 * the environment (`SEEKWATCH_LOG_LEVEL` for `--log-level`), then the file that
 * `--config` names, then the default.
 */

import { readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import { systemReason } from '../bytes/system-error.ts'
import type { ReadSettings } from '../config/file.ts'
import { UsageError } from './usage-error.ts'

/** Adds `--config` to a command, and has its options filled in before it runs. */
export function withSettings(command: Command): Command {
  return command
    .option('--config <file>', 'file with settings; options win over SEEKWATCH_* variables, and these over the file')
    .hook('preAction', (_, acting) => fillIn(acting))
}

async function fillIn(command: Command): Promise<void> {
  const fromEnvironment = new Map<Option, string>()
  for (const option of command.options) {
    const value = process.env[variableOf(option)]
    if (value !== undefined && value !== '') fromEnvironment.set(option, value)
  }
  const config = command.options.find(({ long }) => long === '--config')!
  const path = (command.getOptionValue('config') as string | undefined) ?? fromEnvironment.get(config)
  const file = path === undefined ? null : await readFile(path)
  const settings: Record<string, unknown> = file?.settings ?? {}
  for (const option of command.options) {
    const name = option.attributeName()
    if (command.getOptionValueSource(name) === 'cli') continue
    const given = fromEnvironment.get(option)
    if (given !== undefined) command.setOptionValueWithSource(name, parsed(option, given), 'env')
    else {
      const key = keyOf(option)
      const value = settings[key]
      if (value === undefined) continue
      const place = `${path}:${file?.lines.get(key)}: ${key}`
      command.setOptionValueWithSource(name, asArgument(option, value, place), 'config')
    }
  }
}

/** What the file says. Its checker is loaded only when there is a file, because it takes a tenth of a start. */
async function readFile(path: string): Promise<ReadSettings> {
  const { ConfigError, readSettings } = await import('../config/file.ts')
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--config: ${path}: ${systemReason(error)}; name the file with the settings`)
  }
  try {
    return readSettings(path, source)
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error
  }
}

/** The name of an option in the file: `serve` for `--no-serve`. */
function keyOf(option: Option): string {
  return option.long!.replace(/^--(no-)?/, '')
}

function variableOf(option: Option): string {
  return `SEEKWATCH_${keyOf(option).toUpperCase().replaceAll('-', '_')}`
}

/** A value of the environment as the command line would have read it; lists are joined by commas. */
function parsed(option: Option, value: string): unknown {
  const variable = variableOf(option)
  if (option.isBoolean()) {
    if (!/^(true|false|1|0)$/.test(value)) throw new UsageError(`${variable}: "${value}" is neither true nor false`)
    return value === 'true' || value === '1'
  }
  if (option.argChoices && !option.argChoices.includes(value))
    throw new UsageError(`${variable}: "${value}" is none of ${option.argChoices.join(', ')}`)
  const isList = Array.isArray(option.defaultValue)
  return asArgument(option, isList ? value.split(',').map((one) => one.trim()) : value, variable)
}

/** A value as the command line would have read it; of a list, each text. */
function asArgument(option: Option, value: unknown, place: string): unknown {
  if (Array.isArray(value)) return value.flatMap((one: string) => argument(option, one, place))
  return typeof value === 'string' ? argument(option, value, place) : value
}

/** A text as the argument of an option; what is wrong with it is told of `place`. */
function argument(option: Option, text: string, place: string): unknown {
  if (!option.parseArg) return text
  try {
    return option.parseArg(text, option.defaultValue)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(
      error.message.replace(option.long!, () => place),
      { cause: error },
    )
  }
}
