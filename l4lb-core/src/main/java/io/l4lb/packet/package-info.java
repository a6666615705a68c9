/** Layouts of the bytes on the wire, one {@code …Descriptor} a format; static only. Values ending in {@code Be} are
 * network byte order as a little-endian machine reads them. */
package io.l4lb.packet;
