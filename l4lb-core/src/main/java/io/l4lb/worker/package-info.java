/** A worker: the six stages over one burst, the thread that runs them, and the commands that reach it. */
package io.l4lb.worker;
