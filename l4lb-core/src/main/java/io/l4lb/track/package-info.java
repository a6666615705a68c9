/** What workers tell the journal thread of their flows, and the rings that carry it. */
package io.l4lb.track;
