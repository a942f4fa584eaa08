/**
 * The drawing of the timeline with uPlot: stacked bars, a drag selects a range
 * of time, a double click asks to see everything again. Colours come from the
 * style sheet, so both colour schemes are defined in one place.
 */
import uPlot from 'uplot'
import type { Timeline } from '../../src/events/api.ts'
import { bucketAt, span, stack } from './columns.ts'

/** The same as the height of `.chart` in Timeline.svelte, so that nothing moves when the chart appears. */
const CHART_HEIGHT = 128

export interface ChartHandlers {
  /** A range was drawn; seconds since 1970. */
  select(from: number, to: number): void
  reset(): void
  /** The bucket under the pointer, or -1. */
  point(bucket: number): void
}

export interface Chart {
  show(timeline: Timeline, from: number | null, to: number | null): void
  resize(width: number): void
  destroy(): void
}

/** Draws into `node`, `width` pixels wide. Call `destroy` and draw again when the colour scheme changes. */
export function drawChart(node: HTMLElement, width: number, handlers: ChartHandlers): Chart {
  const style = getComputedStyle(node)
  const colour = (name: string): string => style.getPropertyValue(name).trim()
  let shown: Timeline = { step: 1, time: [], high: [], medium: [], low: [] }
  let range: [number, number] = [0, 1]

  const bars = (plot: uPlot, series: number): uPlot.Series.Paths => {
    const path = new Path2D()
    const zero = plot.valToPos(0, 'y', true)
    shown.time.forEach((start, i) => {
      const value = plot.data[series]?.[i] ?? 0
      if (value === 0) return
      const left = Math.round(plot.valToPos(start, 'x', true))
      const right = Math.round(plot.valToPos(start + shown.step, 'x', true))
      const gap = right - left > 3 ? devicePixelRatio : 0
      const top = plot.valToPos(value, 'y', true)
      path.rect(left, top, Math.max(1, right - left - gap), zero - top)
    })
    return { fill: path, stroke: null }
  }
  const layer = (label: string, name: string): uPlot.Series => ({
    label,
    fill: colour(name),
    width: 0,
    paths: bars,
    points: { show: false },
  })
  const axis: uPlot.Axis = {
    stroke: colour('--soft'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  }

  const plot = new uPlot(
    {
      width,
      height: CHART_HEIGHT,
      padding: [8, 22, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: true, y: false, setScale: false, dist: 4 },
        // uPlot's own answer to a double click is to fit the data; ours is to drop the range.
        bind: {
          dblclick: () => () => {
            handlers.reset()
            return null
          },
        },
      },
      scales: {
        x: { time: true, range: () => range },
        y: { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.08))] },
      },
      axes: [
        { ...axis, size: 26, space: 70, values: (_, splits, __, ___, step) => timeLabels(splits, step) },
        { ...axis, size: (_, labels) => countsWidth(labels), space: 28, incrs: ROUND_COUNTS },
      ],
      series: [{}, layer('low', '--sure-low'), layer('medium', '--sure-medium'), layer('high', '--sure-high')],
      hooks: {
        setSelect: [
          (u) => {
            const { left, width: selected } = u.select
            if (selected < 4) return
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
            handlers.select(u.posToVal(left, 'x'), u.posToVal(left + selected, 'x'))
          },
        ],
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -1
            handlers.point(left < 0 ? -1 : bucketAt(shown, u.posToVal(left, 'x')))
          },
        ],
      },
    },
    [[], [], [], []],
    node,
  )

  return {
    show: (timeline, from, to) => {
      shown = timeline
      range = span(timeline, from, to)
      plot.setData(stack(timeline))
    },
    resize: (wide) => plot.setSize({ width: wide, height: CHART_HEIGHT }),
    destroy: () => plot.destroy(),
  }
}

/** 1, 2, 5, 10, ... */
const ROUND_COUNTS = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power))
const DIGIT_PIXELS = 7

/** What the longest label and its tick need, and as much as ever where they are short. */
function countsWidth(labels: string[] | null): number {
  return Math.max(44, 16 + DIGIT_PIXELS * Math.max(0, ...(labels ?? []).map(({ length }) => length)))
}

/** 24 hours, and the day where it begins or where the labels do: uPlot's own labels say am and pm. */
function timeLabels(splits: number[], step: number): string[] {
  const two = (value: number): string => String(value).padStart(2, '0')
  let shownDay = ''
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000)
    const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`
    if (step >= 86_400) return `${date.getFullYear()}-${day}`
    const time = `${two(date.getHours())}:${two(date.getMinutes())}${step < 60 ? `:${two(date.getSeconds())}` : ''}`
    if (day === shownDay) return time
    shownDay = day
    return `${day} ${time}`
  })
}
