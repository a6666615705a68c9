/** Where the Java contender's packets come from: devices with a capture, and queues that make other flows or bursts of it. */
package io.l4lb.bench.source;
