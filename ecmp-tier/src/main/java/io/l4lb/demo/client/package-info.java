/** What the lab runs in the client's namespace, in a process of its own. Cold code, no root of its own needed. */
package io.l4lb.demo.client;
