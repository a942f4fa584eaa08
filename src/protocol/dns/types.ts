/**
 * The record types this folder knows the form of, as numbers
 * (https://www.iana.org/assignments/dns-parameters). Their names, for people, are in outputs/format/dns-names.ts.
 */

export const A = 1
export const NS = 2
export const MD = 3
export const MF = 4
export const CNAME = 5
export const SOA = 6
export const MB = 7
export const MG = 8
export const MR = 9
export const NULL = 10
export const PTR = 12
export const HINFO = 13
export const MINFO = 14
export const MX = 15
export const TXT = 16
export const RP = 17
export const AFSDB = 18
export const X25 = 19
export const ISDN = 20
export const RT = 21
export const KEY = 25
export const AAAA = 28
export const LOC = 29
export const SRV = 33
export const NAPTR = 35
export const KX = 36
export const CERT = 37
export const DNAME = 39
export const OPT = 41
export const DS = 43
export const SSHFP = 44
export const RRSIG = 46
export const NSEC = 47
export const DNSKEY = 48
export const NSEC3 = 50
export const NSEC3PARAM = 51
export const TLSA = 52
export const SMIMEA = 53
export const CDS = 59
export const CDNSKEY = 60
export const SVCB = 64
export const HTTPS = 65
export const SPF = 99
export const EUI48 = 108
export const EUI64 = 109
export const ANY = 255
export const URI = 256
export const CAA = 257
