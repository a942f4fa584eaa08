import { expect, test } from 'vitest'
import { sourceLink } from '../../dashboard/src/policy.ts'

const stories: Array<{ source: string; href: string; words: string }> = [
  { source: 'https://authority.example/act?a=1', href: 'https://authority.example/act?a=1', words: '' },
  { source: 'https://a.example/x (via b.example)', href: 'https://a.example/x', words: '(via b.example)' },
  { source: 'http://a.example', href: 'http://a.example/', words: '' },
  { source: 'a leaflet of 2025', href: '', words: 'a leaflet of 2025' },
  { source: 'see https://a.example', href: '', words: 'see https://a.example' },
  { source: 'javascript:alert(1)', href: '', words: 'javascript:alert(1)' },
  { source: ' https://a.example', href: '', words: ' https://a.example' },
  { source: 'data:text/html,<script>alert(1)</script>', href: '', words: 'data:text/html,<script>alert(1)</script>' },
  { source: 'https://', href: '', words: 'https://' },
  { source: 'https://a.example:99999/', href: '', words: 'https://a.example:99999/' },
  { source: '', href: '', words: '' },
]
for (const { source, href, words } of stories)
  test(`source of a policy: ${JSON.stringify(source)}`, () => expect(sourceLink(source)).toEqual({ href, words }))
