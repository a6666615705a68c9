/** The hot path's rules on the byte code: what is walked, what is forbidden, and samples that show it is found. */
package io.l4lb.structure.hotpath;
