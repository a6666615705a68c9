/**
 * What a worker forwards by: VIPs, Maglev tables, destinations. Built by the control side from the configuration, then
 * immutable; a worker swaps the whole of it between two bursts.
 */
package io.l4lb.forwarding;
