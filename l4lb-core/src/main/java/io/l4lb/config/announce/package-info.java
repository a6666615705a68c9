/** {@code announce:}, the section about how routers learn of the VIPs: its records and the reading of it. */
package io.l4lb.config.announce;
