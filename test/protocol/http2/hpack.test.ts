/** HPACK: the examples of RFC 7541 appendix C, and blocks that nobody should send. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LIMIT_REACHED, MALFORMED_LENGTH, MALFORMED_VALUE } from '../../../src/bytes/outcome.ts'
import { authorityOf, HeaderList } from '../../../src/protocol/http2/header-list.ts'
import {
  decodeBlock,
  HpackTable,
  LIST_BYTES_MAX,
  STRING_BYTES_MAX,
  TABLE_BYTES_MAX,
} from '../../../src/protocol/http2/hpack.ts'
import { STATIC_TABLE } from '../../../src/protocol/http2/static-table.ts'
import { hex, parseTwice } from '../../support/arena.ts'
import { fuzz } from '../../support/random.ts'

const FIRST_DYNAMIC = 62

/** Decodes blocks one after the other with one table: what was wanted of each, or its reason; and the table. */
function decode(blocks: Uint8Array[], sizeMax?: number) {
  const tables: HpackTable[] = []
  const lists = blocks.map((block, i) => {
    let run = 0
    return parseTwice(block, (bytes, start, end) => {
      run++
      if (i === 0) tables.push(new HpackTable())
      const table = tables[run - 1]! // one table per arena
      if (i === 0 && sizeMax !== undefined) table.resize(sizeMax)
      const list = new HeaderList()
      const outcome = decodeBlock(bytes, start, end, table, list)
      if (outcome < 0) return outcome
      expect(outcome).toBe(end)
      return Object.fromEntries(Object.entries(list).filter(([, value]) => value !== '' && value !== 0))
    })
  })
  return { lists, entries: entriesOf(tables[0]!) }
}

function entriesOf(table: HpackTable): string[] {
  const entries: string[] = []
  for (let i = FIRST_DYNAMIC; table.entry(i); i++) entries.push(`${table.entry(i)!.name} ${table.entry(i)!.size}`)
  return entries
}

describe('hpack: the examples of RFC 7541', () => {
  test('C.2 single fields', () => {
    expect(decode([hex('400a637573746f6d2d6b65790d637573746f6d2d686561646572')]).entries).toEqual(['custom-key 55'])
    expect(decode([hex('040c2f73616d706c652f70617468')])).toEqual({ lists: [{ path: '/sample/path' }], entries: [] })
    expect(decode([hex('100870617373776f726406736563726574')])).toEqual({ lists: [{}], entries: [] })
    expect(decode([hex('82')])).toEqual({ lists: [{ method: 'GET' }], entries: [] })
  })

  const requests = {
    lists: [
      { method: 'GET', path: '/', authority: 'www.example.com' },
      { method: 'GET', path: '/', authority: 'www.example.com' },
      { method: 'GET', path: '/index.html', authority: 'www.example.com' },
    ],
    entries: ['custom-key 54', 'cache-control 53', ':authority 57'],
  }

  test('C.3 requests without Huffman coding', () => {
    const blocks = [
      '828684410f7777772e6578616d706c652e636f6d',
      '828684be58086e6f2d6361636865',
      '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
    ]
    expect(decode(blocks.map(hex))).toEqual(requests)
  })

  test('C.4 requests with Huffman coding', () => {
    const blocks = [
      '828684418cf1e3c2e5f23a6ba0ab90f4ff',
      '828684be5886a8eb10649cbf',
      '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ]
    expect(decode(blocks.map(hex))).toEqual(requests)
  })

  const responses = {
    lists: [
      { status: 302, location: 'https://www.example.com' },
      { status: 307, location: 'https://www.example.com' },
      { status: 200, location: 'https://www.example.com' },
    ],
    entries: ['set-cookie 98', 'content-encoding 52', 'date 65'],
  }

  test('C.5 responses without Huffman coding, in a table of 256 bytes', () => {
    const blocks = [
      '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
      '4803333037c1c0bf',
      '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
    ]
    expect(decode(blocks.map(hex), 256)).toEqual(responses)
  })

  test('C.6 responses with Huffman coding, in a table of 256 bytes', () => {
    const blocks = [
      '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ]
    expect(decode(blocks.map(hex), 256)).toEqual(responses)
  })
})

describe('hpack: blocks that nobody should send', () => {
  const name = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
  const long = (length: number) => Buffer.concat([integer(length, 7, 0), Buffer.alloc(length, 'x')])

  test.each([
    { name: 'entry 0', block: hex('80'), want: MALFORMED_VALUE },
    { name: 'an entry that is not there', block: hex('be'), want: MALFORMED_VALUE },
    { name: 'the name of an entry that is not there', block: hex('7e0161'), want: MALFORMED_VALUE },
    { name: 'an entry past all numbers', block: hex('ffffffffffffffffff7f'), want: LIMIT_REACHED },
    { name: 'a number without end', block: hex('ff80808080808080'), want: LIMIT_REACHED },
    { name: 'a number cut off', block: hex('ff80'), want: MALFORMED_LENGTH },
    { name: 'a string longer than the block', block: hex('4005616263'), want: MALFORMED_LENGTH },
    { name: 'a field without a value', block: hex('400161'), want: MALFORMED_LENGTH },
    { name: 'a broken Huffman string', block: hex('418100'), want: MALFORMED_VALUE },
    { name: 'a table larger than is followed', block: integer(TABLE_BYTES_MAX + 1, 5, 0x20), want: LIMIT_REACHED },
    {
      name: 'a string longer than is followed',
      block: Buffer.concat([hex('00'), name('a'), long(STRING_BYTES_MAX + 1)]),
      want: LIMIT_REACHED,
    },
    {
      name: 'a bomb: one long entry, named again and again',
      block: Buffer.concat([hex('40'), name('a'), long(4000), Buffer.alloc(LIST_BYTES_MAX / 4000, 0xbe)]),
      want: LIMIT_REACHED,
    },
    { name: 'a bomb of small fields', block: Buffer.alloc(LIST_BYTES_MAX / 36, 0x90), want: LIMIT_REACHED },
  ])('$name', ({ block, want }) => expect(decode([block]).lists).toEqual([want]))

  test('an entry larger than the table empties it', () => {
    const block = Buffer.concat([hex('400161016240'), name('big'), long(5000)])
    expect(decode([block]).entries).toEqual([])
  })

  test('a table of size 0, and back', () => {
    expect(decode([hex('4001610162'), hex('20')]).entries).toEqual([])
    expect(decode([hex('4001610162'), hex('203fe11f4001630164')]).entries).toEqual(['c 34'])
  })

  test('values that nobody wants are not kept', () => {
    const table = new HpackTable()
    const block = Buffer.concat([hex('60'), name('secret')]) // a cookie, added to the table
    expect(decodeBlock(block, 0, block.length, table, new HeaderList())).toBe(block.length)
    expect(table.entry(FIRST_DYNAMIC)).toEqual({ name: 'cookie', value: '', size: 44 })
  })

  test('the first of a name counts; a status that is none does not', () => {
    const block = Buffer.concat([hex('41'), name('a.example'), hex('41'), name('b.example'), hex('48'), name('20x')])
    expect(decode([block]).lists).toEqual([{ authority: 'a.example' }])
  })

  test('any bytes give an outcome, inside the input', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 4 }), (blocks) => {
        const { lists } = decode(blocks)
        accepted += lists.filter((list) => typeof list === 'object').length
      }),
      fuzz(2000),
    )
    expect(accepted).toBeGreaterThan(100)
  })
})

describe('hpack: tables', () => {
  test('the static table has 61 entries', () => {
    expect(STATIC_TABLE).toHaveLength(61)
    expect(STATIC_TABLE[60]).toEqual({ name: 'www-authenticate', value: '' })
    expect(STATIC_TABLE[15]).toEqual({ name: 'accept-encoding', value: 'gzip, deflate' })
  })

  test('who is asked: the field host where there is no authority', () => {
    const list = new HeaderList()
    list.host = 'Chat.Example.org:8080'
    expect(authorityOf(list)).toMatchObject({ host: 'chat.example.org', port: 8080 })
    list.authority = 'other.example'
    expect(authorityOf(list)).toMatchObject({ host: 'other.example', port: 0 })
  })
})

/** A number as RFC 7541 section 5.1 writes it. */
function integer(value: number, prefix: number, bits: number): Buffer {
  const mask = (1 << prefix) - 1
  if (value < mask) return Buffer.from([bits | value])
  const bytes = [bits | mask]
  let rest = value - mask
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128))
  return Buffer.from([...bytes, rest])
}
