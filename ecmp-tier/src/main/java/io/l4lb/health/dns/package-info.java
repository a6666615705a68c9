/** A query over UDP. */
package io.l4lb.health.dns;
