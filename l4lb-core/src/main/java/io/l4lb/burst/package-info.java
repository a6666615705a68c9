/** One burst of packets as columns, and the verdicts on them: the data-flow contract between the six stages. */
package io.l4lb.burst;
