/** Path MTUs over a node's life: workers, reloads, limits. What one error does is golden cases'. */
package io.l4lb.path;
