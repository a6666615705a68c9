/** What is known of a flow, in one word, and for how long it is kept: shared by workers' flow tables and the replica table. */
package io.l4lb.flow;
