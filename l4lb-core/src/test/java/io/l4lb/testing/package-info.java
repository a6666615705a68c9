/** What tests of the pipeline share: packets by hand, mbufs and queues in plain memory, strict readers of what leaves. */
package io.l4lb.testing;
