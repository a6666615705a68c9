/** What tests of DPDK share; other modules may copy it. */
package io.l4lb.dpdk.testing;
