import { BlockList, isIP } from 'node:net'

/**
 * What is no address of the public internet (IANA special-purpose registries, RFC 6890): this machine, its neighbours,
 * where clouds keep their metadata, what reaches IPv4 by another name, and what nobody has.
 */
const CLOSED = new BlockList()
const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared address space (RFC 6598): Alibaba's metadata is at 100.100.100.200.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
for (const [net, prefix] of IPV4) CLOSED.addSubnet(net, prefix, 'ipv4')

/** Of IPv6 only what is given out as global unicast is open (RFC 4291 §2.4), and of that not what follows. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
const IPV6: readonly (readonly [string, number])[] = [
  // Protocol assignments: Teredo, ORCHID and what there is beside (RFC 2928).
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4 (RFC 3056): an IPv4 address, private ones too, by another name.
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
]
for (const [net, prefix] of IPV6) CLOSED.addSubnet(net, prefix, 'ipv6')

/** Where no name of a host inside may lead either: this network, link-local with the clouds' metadata, and groups. */
const NOBODY = new BlockList()
NOBODY.addSubnet('0.0.0.0', 8, 'ipv4')
NOBODY.addSubnet('169.254.0.0', 16, 'ipv4')
NOBODY.addSubnet('224.0.0.0', 3, 'ipv4')
NOBODY.addAddress('::', 'ipv6')
NOBODY.addSubnet('fe80::', 10, 'ipv6')
NOBODY.addSubnet('ff00::', 8, 'ipv6')
NOBODY.addAddress('fd00:ec2::254', 'ipv6')

/** Whether an IP address is of the public internet. False for what is no IP address. */
export function isPublicAddress(address: string): boolean {
  // With a zone it is of this link.
  if (address.includes('%')) return false
  switch (isIP(address)) {
    case 4:
      return !CLOSED.check(address, 'ipv4')
    case 6:
      return GLOBAL.check(address, 'ipv6') && !CLOSED.check(address, 'ipv6')
    default:
      return false
  }
}

/** Whether a host of the own network may have an IP address. */
export function isInsideAddress(address: string): boolean {
  if (address.includes('%')) return false
  switch (isIP(address)) {
    case 4:
      return !NOBODY.check(address, 'ipv4')
    case 6: {
      const mapped = mappedIpv4(address)
      return mapped === null ? !NOBODY.check(address, 'ipv6') : isInsideAddress(mapped)
    }
    default:
      return false
  }
}

/** The IPv4 address of one that is mapped (`::ffff:0:0/96`), as the operating system connects to it; null for others. */
function mappedIpv4(address: string): string | null {
  const groups = URL.parse(`http://[${address}]/`)?.hostname.match(/^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/)
  if (groups === null || groups === undefined) return null
  const [high, low] = [Number.parseInt(groups[1]!, 16), Number.parseInt(groups[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
