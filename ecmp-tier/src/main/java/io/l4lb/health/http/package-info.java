/** GET over HTTP/1.1, plain or over TLS, by hand: bounded in time and bytes, on a socket whose l4Port is known. */
package io.l4lb.health.http;
