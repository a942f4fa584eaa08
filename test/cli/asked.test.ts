import { expect, test } from 'vitest'
import { type Asked, readAsked } from '../../src/cli/asked.ts'
import { UsageError } from '../../src/cli/usage-error.ts'

/** `name x`, `address x/32`, `range x/24`, `where CN 55990`, `ja3 x`, `ja4 x`. */
function words(asked: Asked): string {
  if ('where' in asked) return `where ${asked.where.country} ${asked.where.asn}`
  if ('ja3' in asked) return `ja3 ${asked.ja3}`
  if ('ja4' in asked) return `ja4 ${asked.ja4}`
  if ('name' in asked) return `name ${asked.name}`
  return 'address' in asked ? `address ${asked.address.text}` : `range ${asked.range.text}`
}

const stories: Array<{ text: string; want: string }> = [
  { text: 'chat.deepseek.com', want: 'name chat.deepseek.com' },
  { text: ' Chat.DeepSeek.COM. ', want: 'name chat.deepseek.com' },
  { text: 'https://chat.deepseek.com/a/b?c#d', want: 'name chat.deepseek.com' },
  { text: 'HTTPS://chat.deepseek.com', want: 'name chat.deepseek.com' },
  { text: 'hxxps://chat[.]deepseek[.]com/x', want: 'name chat.deepseek.com' },
  { text: 'hxxps[:]//chat(.)deepseek[dot]com', want: 'name chat.deepseek.com' },
  { text: 'chat.deepseek.com:443', want: 'name chat.deepseek.com' },
  { text: 'chat.deepseek.com/path', want: 'name chat.deepseek.com' },
  { text: 'https://user:secret@api.deepseek.com:8443/v1', want: 'name api.deepseek.com' },
  { text: 'https://deepseek.com@evil.example/', want: 'name evil.example' },
  { text: 'http://evil.example\\@deepseek.com/', want: 'name evil.example' },
  { text: '_dns.example.com', want: 'name _dns.example.com' },
  { text: 'xn--dpseek-wva.com', want: 'name xn--dpseek-wva.com' },
  { text: 'd\u0435epseek.com', want: 'name xn--depseek-7gg.com' },
  { text: 'https://www.p\u0159\u00edklad.cz/', want: 'name www.xn--pklad-zsa96e.cz' },
  { text: '192.0.2.7', want: 'address 192.0.2.7/32' },
  { text: '192.0.2.7/32', want: 'address 192.0.2.7/32' },
  { text: '192.0.2.7:443', want: 'address 192.0.2.7/32' },
  { text: 'http://192.0.2.7/x', want: 'address 192.0.2.7/32' },
  { text: '192[.]0[.]2[.]7', want: 'address 192.0.2.7/32' },
  { text: '192.0.2.0/24', want: 'range 192.0.2.0/24' },
  { text: '2001:DB8::1', want: 'address 2001:db8::1/128' },
  { text: '[2001:db8::1]', want: 'address 2001:db8::1/128' },
  { text: '[2001:db8::1]:443', want: 'address 2001:db8::1/128' },
  { text: 'https://[2001:db8::1]:8443/x', want: 'address 2001:db8::1/128' },
  { text: '2001:db8::/32', want: 'range 2001:db8::/32' },
  { text: '::', want: 'address ::/128' },
  { text: 'AS37963', want: 'where  37963' },
  { text: ' as37963 ', want: 'where  37963' },
  { text: 'ASN 37963', want: 'where  37963' },
  { text: '37963', want: 'where  37963' },
  { text: 'AS4294967295', want: 'where  4294967295' },
  { text: 'CN', want: 'where CN 0' },
  { text: 'cn', want: 'where CN 0' },
  { text: 'CN AS37963', want: 'where CN 37963' },
  { text: 'AS37963.net', want: 'name as37963.net' },
  { text: '773906B0EFDEFA24A7F2B8EB6985BF37', want: 'ja3 773906b0efdefa24a7f2b8eb6985bf37' },
  { text: 't13d1516h2_8daaf6152771_02713d6af862', want: 'ja4 t13d1516h2_8daaf6152771_02713d6af862' },
  { text: 'q13d0310h3_55b375c5d22e_cd85d2d88918', want: 'ja4 q13d0310h3_55b375c5d22e_cd85d2d88918' },
]
for (const { text, want } of stories)
  test(`asked: ${JSON.stringify(text)}`, () => expect(words(readAsked(text))).toBe(want))

const refused: Array<{ text: string; says: string }> = [
  { text: '', says: '"" names nothing; write a domain name or an address' },
  { text: '   ', says: 'names nothing' },
  { text: 'https://', says: 'names nothing' },
  { text: 'https:///path', says: 'names nothing' },
  { text: 'deepseek', says: '"deepseek" is a word and no full name; write deepseek.com, or so' },
  { text: 'AS0', says: '"AS0" is no autonomous system; write a number from 1 to 4294967295: AS55990' },
  { text: '4294967296', says: 'is no autonomous system' },
  { text: 'CN 37963', says: 'a space in a label' },
  { text: '773906b0efdefa24a7f2b8eb6985bf3', says: 'is a word and no full name' },
  { text: 't13d1516h2_8daaf6152771', says: 'is not a JA4; write it whole, t13d1516h2_8daaf6152771_b186095e22b6' },
  { text: 't13d1516h2_002f,0035_0005,000a', says: 'is not a JA4' },
  { text: '*.deepseek.com', says: 'write one below it: www.deepseek.com' },
  { text: 'a b.com', says: 'a space in a label' },
  { text: 'deepseek..com', says: 'an empty label' },
  { text: '1.2.3', says: '"1.2.3" is no address; write 192.0.2.7, 2001:db8::7 or 192.0.2.0/24' },
  { text: '1.2.3.4.5', says: 'is no address' },
  { text: '256.1.1.1', says: 'is no address' },
  { text: '192.0.2.7/24', says: 'has host bits set; write 192.0.2.0/24' },
  { text: '192.0.2.0/33', says: 'is no address' },
  { text: '1::2::3', says: 'is no address' },
  { text: 'fe80::1%eth0', says: 'has a zone' },
  { text: '::ffff:192.0.2.1', says: 'is IPv4 written as IPv6; write 192.0.2.1/32' },
  { text: `${'a'.repeat(70)}.example`, says: 'a label of 70 characters; 63 is the most' },
  { text: 'x.'.repeat(5000), says: 'is too long' },
  { text: 'a\u001b[2J.example', says: '"a\\x1b[2J.example" is not a domain name' },
  { text: '\u202emoc.example', says: 'rules test: "' },
]
for (const { text, says } of refused)
  test(`asked: refused: ${JSON.stringify(text.slice(0, 40))}`, () => {
    expect(() => readAsked(text)).toThrow(UsageError)
    expect(() => readAsked(text)).toThrow(says)
  })
