/** Probes against servers that behave, and against those that do not. */
package io.l4lb.health.probe;
