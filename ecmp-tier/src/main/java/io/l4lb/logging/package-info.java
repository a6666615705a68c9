/** What keeps a fault that lasts from filling the log. */
package io.l4lb.logging;
