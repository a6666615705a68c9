/** What the lab runs in the namespaces of client and backends, in processes of their own. Cold code, no root of its own needed. */
package io.l4lb.demo.client;
